"""The systems that tests look at: both references and those in ``tests/systems``."""

from functools import cache
from pathlib import Path

from checks.rendering import Rendering
from description.load import load
from description.model import System
from templates.render import render

ROOT = Path(__file__).parent.parent
REFERENCES = ("gateway", "payments")
FILES = {
    path.stem: path
    for folder in (ROOT / "systems", ROOT / "tests" / "systems")
    for path in sorted(folder.glob("*.yaml"))
}


@cache
def described(name: str) -> System:
    """Return the system described in the file called ``name``."""
    return load(FILES[name])


PLANTED: dict[str, Rendering] = {}
"""Templates with a defect, by the name of the system whose place they take: see ``mutation``."""


def rendered(name: str) -> Rendering:
    """Return the templates of the system called ``name``."""
    return PLANTED.get(name) or _rendered(name)


@cache
def _rendered(name: str) -> Rendering:
    return Rendering(name, render(described(name)))
