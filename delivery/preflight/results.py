"""What a check before a deployment came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from delivery.errors import DeliveryError, InputError
from delivery.options import SKIPPABLE

PARAMETERS = "parameters"
"""The check of what was given, not of what is in AWS."""


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    LATER = "later"
    """Nothing stands in the way, and something is left to do."""
    UNKNOWN = "unknown"
    """It could not be found out; the deployment goes on."""
    PROBLEM = "problem"
    """The deployment would fail, or its tasks would."""


@dataclass(frozen=True)
class Result:
    """One thing that was looked at."""

    state: State
    message: str
    """``{what}: {why}. {what to do next}`` for a problem."""
    check: str = ""
    """The name of the check that found it out."""


def ok(message: str) -> Result:
    """Return that something is as it should be."""
    return Result(State.OK, message)


def later(message: str) -> Result:
    """Return that something is left to do that does not stand in the way."""
    return Result(State.LATER, message)


def unknown(message: str) -> Result:
    """Return that something could not be found out."""
    return Result(State.UNKNOWN, message)


def problem(message: str) -> Result:
    """Return that something stands in the way."""
    return Result(State.PROBLEM, message)


def problems(results: Sequence[Result]) -> list[Result]:
    """Return what stands in the way."""
    return [one for one in results if one.state is State.PROBLEM]


def stop(stack: str, results: Sequence[Result]) -> None:
    """Raise ``DeliveryError`` with every problem, if there is one; ``InputError`` where what was
    given is wrong.
    """
    found = problems(results)
    if not found:
        return
    if [one.check for one in found] == [PARAMETERS]:
        raise InputError(found[0].message)
    count = "1 problem stands" if len(found) == 1 else f"{len(found)} problems stand"
    lines = [f"{count} in the way of {stack}, and nothing was changed:"]
    lines += [f"  {one.check}: {one.message}" for one in found]
    advice = "Solve what is told above and repeat the command."
    causes = {one.check for one in found}
    if causes <= set(SKIPPABLE):
        names = " ".join(f"--skip-check {name}" for name in sorted(causes))
        advice += f" To go on in spite of it, add: {names}"
    kind = InputError if PARAMETERS in causes else DeliveryError
    raise kind("\n".join([*lines, advice]))
