"""The timelines of systems, made once: of those that all tests look at, and of odd ones."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from checks.rendering import Rendering
from checks.resolved import samples
from description.load import load_profiles
from description.profiles import Profile
from tests import many
from tests.systems_under_test import SYSTEMS, rendered
from timeline.scenarios import Estimate, Timeline, estimate

PARAMETERS = {"AlarmEmail": "on-call@example.com"}

_SERVICE: Final = {"health_check": {"command": ["CMD", "/alive"]}}
_API: Final = _SERVICE | {"port": 8080}
_ROUTED: Final = _API | {"routes": [{"priority": 1, "paths": ["/*"]}]}
_ODD: Final[Mapping[str, Mapping[str, Any]]] = {
    "one service": {"services": {"api": _ROUTED}},
    "no NAT gateway": {"services": {"api": _ROUTED}, "network": {"nat": "none"}},
    "no load balancer": {"services": {"api": _API}},
    "neither": {"services": {"api": _API}, "network": {"nat": "none"}},
    "a worker": {"services": {"worker": _SERVICE}},
    "a worker, no NAT gateway": {"services": {"worker": _SERVICE}, "network": {"nat": "none"}},
}
"""Systems of one service, by what they are or have not, each in both profiles."""

ALL: Final = (
    *SYSTEMS,
    *(f"{name}{profile}" for name in _ODD for profile in ("", "/development")),
)
"""Every system that has a timeline here, by its name."""


@cache
def estimated(name: str) -> Estimate:
    rendering = rendered(name) if name in SYSTEMS else _odd(name)
    declared = rendering.templates["parent.json"]["Parameters"]
    given = {key: value for key, value in PARAMETERS.items() if key in declared}
    return estimate(rendering, "prod", {**samples(rendering), **given})


def typical(name: str) -> Timeline:
    return estimated(name).of("typical")


def _odd(name: str) -> Rendering:
    odd, _, profile = name.partition("/")
    content = {"name": "odd", "description": "Odd", "secrets": {}, **_ODD[odd]}
    environments = {"prod": "production", "dev": "development"}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "odd.yaml"
        file.write_text(json.dumps(content | {"environments": environments}))
        return many.rendering(load_profiles(file)[Profile(profile or "production")])
