"""One trial of a shop: something goes wrong in a phase, and what becomes of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.inventory import differences
from tests.faults.proxy import Call, Fault, Script
from tests.faults.runs import KILLED
from tests.faults.shop import PHASES, Shop, Undisturbed, at

TROUBLES = {
    "throttling": [Fault.THROTTLED],
    "500 and 503": [Fault.BROKEN, Fault.UNAVAILABLE],
    "resets before": [Fault.LOST],
    "resets after": [Fault.UNANSWERED, Fault.CUT],
    "slow answers": [Fault.SLOW],
    "all of it": [
        Fault.THROTTLED,
        Fault.BROKEN,
        Fault.UNAVAILABLE,
        Fault.LOST,
        Fault.UNANSWERED,
        Fault.CUT,
        Fault.SLOW,
    ],
}


@dataclass(frozen=True)
class Trial:
    """What became of a phase in which something went wrong."""

    met: int
    """How many calls met a fault."""
    wrong: str = ""
    """What is not as it would be in peace; nothing if it converged."""


def killed_and_repeated(
    shop: Shop, phase: str, place: tuple[str, int], fault: Fault, peace: Undisturbed
) -> Trial:
    """Kill a phase at a step and run it again."""
    killed = shop.run(*PHASES[phase], script=at(place, fault))
    met = len(shop.proxy.faults)
    if killed.code != (KILLED if met else 0):
        return Trial(met, f"ended with {killed.code}: {killed.stderr}")
    return Trial(met, _wrong(shop, phase, peace))


def disturbed(shop: Shop, phase: str, script: Script, peace: Undisturbed) -> Trial:
    """Go through a phase, once, while things go wrong."""
    wrong = _wrong(shop, phase, peace, script)
    return Trial(len(shop.proxy.faults), wrong)


def _wrong(shop: Shop, phase: str, peace: Undisturbed, script: Script | None = None) -> str:
    ended = shop.run(*PHASES[phase], script=script) if script else shop.run(*PHASES[phase])
    if ended.code != 0:
        return f"ended with {ended.code}: {ended.stderr}"
    return differences(shop.inventory(), peace.after)


def now_and_then(seed: str, faults: Sequence[Fault], of: int = 10) -> Script:
    """Let one call in so many fail, the same ones for the same seed."""

    def script(call: Call) -> Fault | None:
        chance = random.Random(f"{seed} {call.place}")  # noqa: S311  no secret
        return chance.choice(faults) if chance.randrange(of) == 0 else None

    return script


def first_time(fault: Fault) -> Script:
    """Let every call fail at its first attempt."""
    return lambda call: fault if call.attempt == 1 else None
