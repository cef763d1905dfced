"""What happens when: as the User Guide says of stacks, and as logs of stack events show it."""

from itertools import pairwise

import pytest

from tests.timeline.layouts import resource, stack, times
from timeline.durations import Durations, Looks
from timeline.schedule import Schedule, simulate
from timeline.steps import Action, Step


def run(root: Step, durations: Durations, *, overhead: bool = True) -> Schedule:
    return simulate(root, durations, "typical", overhead=overhead)


def spans(schedule: Schedule) -> dict[str, tuple[float, float]]:
    return {address: (bar.start, bar.end) for address, bar in schedule.bars.items()}


def path(schedule: Schedule) -> list[str]:
    return [bar.step.address for bar in schedule.critical_path()]


def test_what_refers_to_nothing_begins_at_once_and_the_rest_after_what_it_refers_to() -> None:
    root = stack("", resource("A", "Slow"), resource("B", "Fast"), resource("C", "Fast", "A B"))
    schedule = run(root, times(Slow=10, Fast=3), overhead=False)
    assert spans(schedule) == {"": (0, 13), "A": (0, 10), "B": (0, 3), "C": (10, 13)}
    assert schedule.makespan == 13
    assert path(schedule) == ["A", "C"]


def test_a_reference_waits_for_what_is_configured_and_depends_on_for_what_is_complete() -> None:
    root = stack(
        "", resource("A", "Slow"), resource("B", "Fast", "A"), resource("C", "Fast", depends_on="A")
    )
    schedule = run(root, times(Slow=(2, 10), Fast=3), overhead=False)
    assert spans(schedule)["B"] == (2, 5)
    assert spans(schedule)["C"] == (10, 13)


def test_a_stack_is_complete_when_everything_in_it_is() -> None:
    root = stack("", resource("A", "Slow"), resource("B", "Fast", "A"))
    assert run(root, times(Slow=(2, 10), Fast=3), overhead=False).makespan == 10


def test_outputs_of_a_nested_stack_exist_when_all_of_it_is_complete() -> None:
    root = stack(
        "",
        stack("Net", resource("Net/Vpc", "Fast"), resource("Net/Nat", "Slow", "Net/Vpc")),
        stack("App", resource("App/Service", "Fast"), after="Net"),
    )
    schedule = run(root, times(Fast=3, Slow=10))
    # 1 s before and 2 s after the resources of a nested stack; the outermost closes in 2 s.
    assert spans(schedule) == {
        "Net": (0, 16),
        "Net/Vpc": (1, 4),
        "Net/Nat": (4, 14),
        "App": (16, 22),
        "App/Service": (17, 20),
        "": (0, 24),
    }
    assert path(schedule) == ["Net/Vpc", "Net/Nat", "App/Service"]


def test_a_resource_beside_nested_stacks_waits_for_those_that_it_refers_to() -> None:
    root = stack("", stack("Net", resource("Net/Vpc", "Fast")), resource("Dns", "Fast", "Net"))
    assert spans(run(root, times(Fast=3)))["Dns"] == (6, 9)


def test_without_overhead_a_stack_is_only_a_group() -> None:
    root = stack("", stack("Net", resource("Net/Vpc", "Fast")), resource("Dns", "Fast", "Net"))
    assert run(root, times(Fast=3), overhead=False).makespan == 6


def test_what_reality_needs_is_waited_for_across_stacks() -> None:
    root = stack(
        "",
        stack("Egress", resource("Network/Nat", "Slow")),
        stack("App", resource("App/Service", "Fast", really="Network/Nat")),
    )
    schedule = run(root, times(Slow=10, Fast=3))
    assert spans(schedule)["App/Service"] == (11, 14)
    assert path(schedule) == ["Network/Nat", "App/Service"]


def test_what_waits_for_itself_across_stacks_is_refused() -> None:
    root = stack(
        "",
        stack("App", resource("App/Service", "Fast", really="Network/Nat")),
        stack("Egress", resource("Network/Nat", "Fast"), after="App"),
    )
    with pytest.raises(ValueError, match="cycle"):
        run(root, times(Fast=3))


def test_a_nested_stack_without_changes_is_asked_and_nothing_more() -> None:
    still = resource("Net/Vpc", "Fast", action=Action.NOTHING)
    root = stack(
        "",
        stack("Net", still),
        resource("Dns", "Fast", "Net", action=Action.UPDATE),
        action=Action.UPDATE,
    )
    schedule = run(root, times(Fast=3))
    assert spans(schedule)["Net"] == (0, 0.5)
    assert spans(schedule)["Dns"] == (0.5, 30.5)
    assert path(schedule) == ["Dns"]


def test_an_update_ends_with_its_cleanup_and_a_creation_has_none() -> None:
    update = stack("", resource("A", "Fast", action=Action.UPDATE), action=Action.UPDATE)
    creation = stack("", resource("A", "Fast"))
    assert run(update, times(Fast=3)).makespan == 30 + 2 + 7
    assert run(creation, times(Fast=3)).makespan == 3 + 2


def test_what_is_replaced_takes_as_long_as_what_is_created() -> None:
    root = stack("", resource("A", "Slow", action=Action.REPLACE))
    assert spans(run(root, times(Slow=10)))["A"] == (0, 10)


def test_a_parent_looks_later_and_later_whether_a_nested_stack_is_complete() -> None:
    # The times of the looks in the logs: 10, 21, 33, 46, 61, 77, 95, 114 seconds after the start.
    looks = Looks(first=10, growth=1.1)
    times_of_looks = [0.0]
    for _ in range(8):
        times_of_looks.append(10 + 1.1 * times_of_looks[-1])
    assert [round(one) for one in times_of_looks[1:]] == [10, 21, 33, 46, 61, 77, 95, 114]
    for before, after in pairwise(times_of_looks):
        assert looks.late(before) == pytest.approx((after - before) / 2)


def test_ties_are_broken_by_address_so_that_the_same_input_gives_the_same_path() -> None:
    names = "QWERTZUIOPASDFGHJKLYXCVBNM"
    steps = [resource(name, "Fast") for name in names if name != "Z"]
    root = stack("", *steps, resource("Z", "Fast", " ".join(one.address for one in steps)))
    assert path(run(root, times(Fast=3))) == ["A", "Z"]


def test_what_is_begun_too_early_takes_all_but_its_beginning_after_what_it_tries_for() -> None:
    service = resource("Service", "Slow", "Fast", tries="Way")
    root = stack("", resource("Fast", "Fast"), resource("Way", "Way", "Fast"), service)
    schedule = run(root, times(Fast=3, Slow=(2, 10), Way=20), overhead=False)
    assert spans(schedule)["Way"] == (3, 23)
    assert spans(schedule)["Service"] == (3, 31)
    assert schedule.bars["Service"].ready == 5
    assert path(schedule) == ["Fast", "Way", "Service"]


def test_what_it_tries_for_may_be_there_in_time() -> None:
    service = resource("Service", "Slow", "Fast", tries="Way")
    root = stack("", resource("Fast", "Fast"), resource("Way", "Way"), service)
    schedule = run(root, times(Fast=3, Slow=(2, 10), Way=5), overhead=False)
    assert spans(schedule)["Service"] == (3, 13)
    assert path(schedule) == ["Fast", "Service"]
