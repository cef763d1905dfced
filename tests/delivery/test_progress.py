import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from delivery import progress
from delivery.events import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(path: str, status: str, reason: str = "", after: int = 0) -> Event:
    *above, logical_id = path.split("/")
    at = NOW + timedelta(seconds=after)
    return Event(tuple(above), logical_id, "AWS::X::Y", status, reason, at)


def shown(*batches: list[Event], terminal: bool = False, width: int = 60) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False
    )
    assert progress.show(console, "tiny", batches) == [e for batch in batches for e in batch]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_ends_is_told_and_what_begins_is_not() -> None:
    told = shown([event("A/B", "CREATE_IN_PROGRESS")], [event("A/B", "CREATE_COMPLETE")])
    assert told.count("\n") == 1
    assert "CREATE_COMPLETE   tiny/A/B  AWS::X::Y\n" in told


@pytest.mark.parametrize("terminal", [True, False])
def test_a_failure_is_told_whole_however_narrow_the_terminal(terminal: bool) -> None:
    told = shown([event("A/B", "CREATE_FAILED", "no such subnet " * 9)], terminal=terminal)
    assert ("no such subnet " * 9).strip() in " ".join(told.split())


def test_a_log_without_a_terminal_is_not_silent_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT", -1.0)
    begun = [event(f"Nest/R{n}", "CREATE_IN_PROGRESS", after=n) for n in range(5)]
    told = shown([event("Nest", "CREATE_IN_PROGRESS"), *begun], [])
    assert told.splitlines()[-1] == "tiny: 0:00, at work: Nest/R0, Nest/R1, Nest/R2 and 2 more"
