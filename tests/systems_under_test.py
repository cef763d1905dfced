"""The systems that tests look at: both references and those in ``tests/systems``.

``gateway`` is the system as production environments have it, ``gateway/development`` as development
environments do.
"""

from functools import cache
from pathlib import Path

from checks.rendering import Rendering
from description.load import load_profiles
from description.model import Profile, System
from templates.render import render

ROOT = Path(__file__).parent.parent
REFERENCES = ("gateway", "payments")
FILES = {
    path.stem: path
    for folder in (ROOT / "systems", ROOT / "tests" / "systems")
    for path in sorted(folder.glob("*.yaml"))
}


@cache
def profiles(name: str) -> dict[Profile, System]:
    """Return the system described in the file called ``name``, by profile."""
    return load_profiles(FILES[name])


@cache
def described(name: str) -> System:
    """Return the system called ``name``: of production, unless a profile follows a slash."""
    system, _, profile = name.partition("/")
    return profiles(system)[Profile(profile or "production")]


PLANTED: dict[str, Rendering] = {}
"""Templates with a defect, by the name of the system whose place they take: see ``mutation``."""


def rendered(of: str | System) -> Rendering:
    """Return the templates of a system, or of the one of that name."""
    name = of if isinstance(of, str) else called(of)
    return PLANTED.get(name) or _rendered(name)


def called(system: System) -> str:
    """Return the name of a system, with its profile unless that is production."""
    production = system.profile is Profile.PRODUCTION
    return system.name if production else f"{system.name}/{system.profile.value}"


@cache
def _rendered(name: str) -> Rendering:
    system = described(name)
    return Rendering(system.name, render(system), system.profile.value, tuple(system.services))


SYSTEMS = tuple(
    name if profile is Profile.PRODUCTION else f"{name}/{profile}"
    for name in FILES
    for profile in profiles(name)
)
"""Every system in every profile that it uses."""
