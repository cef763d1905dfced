"""AWS asks for fewer calls, has troubles, or the network does: a deployment completes."""

import random
from collections.abc import Sequence

import pytest

from tests.faults.inventory import differences
from tests.faults.proxy import Call, Fault, Script
from tests.faults.shop import PHASES, Shop, Undisturbed

TROUBLES = {
    "throttling": [Fault.THROTTLED],
    "500 and 503": [Fault.BROKEN, Fault.UNAVAILABLE],
    "resets before": [Fault.LOST],
    "resets after": [Fault.UNANSWERED, Fault.CUT],
    "slow answers": [Fault.SLOW],
    "all of it": list(Fault)[: Fault.SLOW.value],
}


def now_and_then(seed: str, faults: Sequence[Fault], of: int = 10) -> Script:
    """Let one call in so many fail, the same ones for the same seed."""

    def script(call: Call) -> Fault | None:
        chance = random.Random(f"{seed} {call.place}")  # noqa: S311  no secret
        return chance.choice(faults) if chance.randrange(of) == 0 else None

    return script


def first_time(fault: Fault) -> Script:
    """Let every call fail at its first attempt."""
    return lambda call: fault if call.attempt == 1 else None


def completes(shop: Shop, peace: dict[str, Undisturbed], script: Script) -> int:
    """Go through all phases, and return how many calls met a fault."""
    met = 0
    for phase, words in PHASES.items():
        ended = shop.run(*words, script=script)
        assert ended.code == 0, (phase, ended.stderr)
        assert not differences(shop.inventory(), peace[phase].after), phase
        met += len(shop.proxy.faults)
    return met


def test_every_answer_is_lost_once_and_nothing_is_done_twice(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    assert completes(shop, peace, first_time(Fault.UNANSWERED)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("seed", ["one", "two"])
def test_a_tenth_of_all_calls_in_trouble_delays_and_nothing_else(
    shop: Shop, peace: dict[str, Undisturbed], trouble: str, seed: str
) -> None:
    faults = [fault for fault in TROUBLES[trouble] if fault is not Fault.EXPIRED]
    assert completes(shop, peace, now_and_then(seed, faults)) > 0
