"""The timelines of the reference systems, made once."""

from functools import cache

from checks.resolved import samples
from tests.systems_under_test import rendered
from timeline.scenarios import Estimate, Timeline, estimate

PARAMETERS = {"AlarmEmail": "on-call@example.com"}


@cache
def estimated(name: str) -> Estimate:
    rendering = rendered(name)
    declared = rendering.templates["parent.json"]["Parameters"]
    given = {key: value for key, value in PARAMETERS.items() if key in declared}
    return estimate(rendering, "prod", {**samples(rendering), **given})


def typical(name: str) -> Timeline:
    return estimated(name).of("typical")
