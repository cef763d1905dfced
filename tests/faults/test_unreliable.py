"""AWS asks for fewer calls, has troubles, or the network does: a deployment completes."""

import pytest

from tests.faults.inventory import differences
from tests.faults.proxy import Call, Fault, Script, nothing
from tests.faults.shop import PHASES, Shop, Undisturbed
from tests.faults.trials import TROUBLES, disturbed, first_time, now_and_then


def completes(shop: Shop, peace: dict[str, Undisturbed], script: Script) -> int:
    """Go through all phases, and return how many calls met a fault."""
    trials = {phase: disturbed(shop, phase, script, peace[phase]) for phase in PHASES}
    assert {phase: trial.wrong for phase, trial in trials.items()} == dict.fromkeys(PHASES, "")
    return sum(trial.met for trial in trials.values())


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_silence_in_the_middle_of_a_deployment_is_outlasted(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    def silent(call: Call) -> Fault | None:
        attempts_of_two_looks = range(2, 12)
        events = call.operation == "DescribeStackEvents"
        return Fault.UNAVAILABLE if events and call.occurrence in attempts_of_two_looks else None

    ended = shop.run(*PHASES["first deployment"], script=silent)
    assert ended.code == 0, ended.stderr
    assert "AWS goes on, and is looked at again in a moment. AWS is in trouble: " in ended.stderr
    assert not differences(shop.inventory(), peace["first deployment"].after)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.THROTTLED, "AWS asks for fewer calls: CreateChangeSet answered Throttling"),
        (Fault.BROKEN, "AWS is in trouble: CreateChangeSet answered InternalFailure"),
        (Fault.LOST, "AWS cannot be reached: "),
    ],
)
def test_what_does_not_end_is_told_and_the_next_run_goes_on(
    shop: Shop, peace: dict[str, Undisturbed], fault: Fault, told: str
) -> None:
    script: Script = lambda call: fault if call.operation == "CreateChangeSet" else None  # noqa: E731
    ended = shop.run(*PHASES["first deployment"], script=script)
    assert ended.code == 1
    assert ended.last_word.startswith(told)
    assert not disturbed(shop, "first deployment", nothing, peace["first deployment"]).wrong
