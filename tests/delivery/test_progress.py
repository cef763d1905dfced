import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from delivery import progress
from delivery.events import Event
from delivery.stacks import NESTED

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(path: str, status: str, reason: str = "", after: int = 0) -> Event:
    *above, logical_id = path.split("/")
    at = NOW + timedelta(seconds=after)
    type_ = NESTED if not above and logical_id in {"tiny", "Nest", "Other"} else "AWS::X::Y"
    return Event(tuple(above), logical_id, type_, status, reason, at)


def shown(*batches: list[Event], terminal: bool = False, width: int = 60) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False
    )
    assert progress.show(console, "tiny", batches) == [e for batch in batches for e in batch]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_ends_is_told_with_its_time_and_what_begins_is_not() -> None:
    told = shown([event("A/B", "CREATE_IN_PROGRESS")], [event("A/B", "CREATE_COMPLETE", after=75)])
    assert "CREATE_COMPLETE   tiny/A/B  AWS::X::Y  1:15\n" in told
    assert told.count("A/B") == 1


def test_what_began_before_anybody_looked_has_no_time() -> None:
    assert "  AWS::X::Y\n" in shown([event("A/B", "CREATE_COMPLETE", after=75)])


def test_in_the_end_the_time_of_each_stack_is_told() -> None:
    told = shown(
        [event("tiny", "UPDATE_IN_PROGRESS"), event("Nest", "UPDATE_IN_PROGRESS", after=1)],
        [event("Other", "UPDATE_IN_PROGRESS", after=2)],
        [event("Nest", "UPDATE_COMPLETE", after=61)],
        [event("Other", "UPDATE_FAILED", after=62), event("Nest", "UPDATE_IN_PROGRESS", after=63)],
        [event("Nest", "UPDATE_COMPLETE", after=68)],
        [event("tiny", "UPDATE_ROLLBACK_COMPLETE", after=130)],
    )
    assert told.splitlines()[-1] == "tiny: 2:10 (Nest 1:05, Other 1:00)"


def test_nothing_seen_is_nothing_told() -> None:
    assert shown([]) == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_a_failure_is_told_whole_however_narrow_the_terminal(terminal: bool) -> None:
    told = shown([event("A/B", "CREATE_FAILED", "no such subnet " * 9)], terminal=terminal)
    assert ("no such subnet " * 9).strip() in " ".join(told.split())


def test_a_log_without_a_terminal_is_not_silent_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT", -1.0)
    begun = [event(f"Nest/R{n}", "CREATE_IN_PROGRESS", after=n) for n in range(5)]
    told = shown([event("Nest", "CREATE_IN_PROGRESS"), *begun], [])
    news = told.splitlines()[-2]
    assert re.fullmatch(r"tiny: \d+:\d\d, at work: Nest/R0, Nest/R1, Nest/R2 and 2 more", news)


def test_a_terminal_has_a_line_for_each_stack_at_work() -> None:
    view = progress.View("tiny")
    for one in (
        event("tiny", "UPDATE_IN_PROGRESS"),
        event("Nest", "UPDATE_IN_PROGRESS"),
        event("Other", "UPDATE_IN_PROGRESS"),
        event("Nest/A", "UPDATE_IN_PROGRESS"),
        event("Nest/B", "UPDATE_IN_PROGRESS"),
        event("Nest/A", "UPDATE_COMPLETE"),
        event("C", "UPDATE_IN_PROGRESS"),
    ):
        view.take(one)
    console = Console(file=io.StringIO(), width=60)
    console.print(view.rendered())
    assert isinstance(console.file, io.StringIO)
    lines = [line.split(maxsplit=1)[1] for line in console.file.getvalue().splitlines()]
    assert lines == ["tiny, at work: C", "tiny/Nest, at work: Nest/B"]
