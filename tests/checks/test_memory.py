import os
import time
from pathlib import Path

import pytest

from checks.memory import KEEP_DAYS, Memory

DAY = 24 * 60 * 60


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    made = Memory(tmp_path)
    made.remember({"used": 1, "unused": 2})
    return made


def age(folder: Path, key: str, days: float) -> float:
    """Make what is remembered so old, and return when that was."""
    moment = time.time() - days * DAY
    os.utime(folder / f"{key}.json", (moment, moment))
    return (folder / f"{key}.json").stat().st_mtime


def test_what_is_used_stays_and_what_nobody_has_used_for_long_goes(
    memory: Memory, tmp_path: Path
) -> None:
    age(tmp_path, "used", KEEP_DAYS + 1)
    age(tmp_path, "unused", KEEP_DAYS + 1)
    assert memory.recall("used") == 1
    memory.remember({"new": 3})
    assert [memory.recall(key) for key in ("used", "unused", "new")] == [1, None, 3]


def test_what_was_used_today_is_not_touched_again(memory: Memory, tmp_path: Path) -> None:
    before = age(tmp_path, "used", 0.9)
    assert memory.recall("used") == 1
    assert (tmp_path / "used.json").stat().st_mtime == before


def test_what_cannot_be_touched_is_remembered_all_the_same(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    age(tmp_path, "used", 2)
    monkeypatch.setattr(os, "utime", refuse)
    assert memory.recall("used") == 1
