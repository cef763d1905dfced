"""How long CloudFormation takes for each type, as ``durations.yaml`` says."""

from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import field_validator, model_validator

from description.fields import Section

DURATIONS: Final = Path(__file__).with_name("durations.yaml")

Case = Literal["low", "typical", "high"]
CASES: Final[tuple[Case, ...]] = ("low", "typical", "high")


class Seconds(Section):
    """Seconds, where sources differ as a range."""

    low: float
    typical: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, value: object) -> object:
        if isinstance(value, int | float):
            return {"low": value, "typical": value, "high": value}
        if isinstance(value, list) and len(value) == 3:
            return dict(zip(CASES, value, strict=True))
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Seconds":
        if not 0 <= self.low <= self.typical <= self.high:
            raise ValueError("must be [low, typical, high], each at least the one before")
        return self

    def at(self, case: Case) -> float:
        """Return the seconds in one case."""
        return float(getattr(self, case))


class Kind(Section):
    """How long a resource of one type takes."""

    create: Seconds
    update: Seconds
    delete: Seconds
    ready: Seconds | None = None
    """When what refers to a new one may begin, if that is before it is complete."""
    assumed: tuple[Literal["create", "update", "delete"], ...] = ()
    """Which of the three nobody published."""
    sources: tuple[str, ...] = ()
    """Where the others come from."""


class Looks(Section):
    """A parent looks at a nested stack again and again, each time a little later."""

    first: float
    """Seconds until it looks for the first time."""
    growth: float
    """Each wait is this many times the one before."""

    def late(self, seconds: float) -> float:
        """Return how many seconds after its end a nested stack that takes ``seconds`` is seen to be
        complete: half of the wait that it ends in, which is what it is on average.
        """
        return (self.first + seconds * (self.growth - 1)) / 2


class StackOverhead(Section):
    """What a stack takes beside its resources."""

    opening: Seconds
    """From the start of a nested stack to the one of its first resource."""
    opening_of_root: Seconds
    """The same of the outermost stack."""
    closing: Seconds
    """From the end of its last resource to its own."""
    unchanged: Seconds
    """All that a nested stack takes which an update finds nothing to do in."""
    cleanup: Seconds
    """From the end of an update to that of its clean-up, if there is nothing to delete."""
    looks: Looks
    """When a parent looks whether a nested stack is complete."""
    sources: tuple[str, ...]


class Durations(Section):
    """All that is in ``durations.yaml``."""

    as_of: str
    """Year and month."""
    stack: StackOverhead
    sources: dict[str, str]
    """What the short names of sources stand for."""
    types: dict[str, Kind]

    @field_validator("types")
    @classmethod
    def _sorted(cls, value: dict[str, Kind]) -> dict[str, Kind]:
        if list(value) != sorted(value):
            raise ValueError("types must be in alphabetical order")
        return value


@cache
def durations() -> Durations:
    """Return what ``durations.yaml`` says."""
    return Durations.model_validate(yaml.safe_load(DURATIONS.read_text(encoding="utf-8")))
