"""AWS asks for fewer calls, has troubles, or the network does: a deployment completes."""

import pytest

from tests.faults.proxy import Fault, Script
from tests.faults.shop import PHASES, Shop, Undisturbed
from tests.faults.trials import TROUBLES, disturbed, first_time, now_and_then


def completes(shop: Shop, peace: dict[str, Undisturbed], script: Script) -> int:
    """Go through all phases, and return how many calls met a fault."""
    trials = {phase: disturbed(shop, phase, script, peace[phase]) for phase in PHASES}
    assert {phase: trial.wrong for phase, trial in trials.items()} == dict.fromkeys(PHASES, "")
    return sum(trial.met for trial in trials.values())


def test_every_answer_is_lost_once_and_nothing_is_done_twice(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    assert completes(shop, peace, first_time(Fault.UNANSWERED)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.LOST, Fault.CUT])
def test_every_call_fails_once_and_nothing_is_missing(
    shop: Shop, peace: dict[str, Undisturbed], fault: Fault
) -> None:
    assert completes(shop, peace, first_time(fault)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_tenth_of_all_calls_in_trouble_delays_and_nothing_else(
    shop: Shop, peace: dict[str, Undisturbed], trouble: str
) -> None:
    assert completes(shop, peace, now_and_then("one", TROUBLES[trouble])) > 0
