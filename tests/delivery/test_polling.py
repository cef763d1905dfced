from itertools import islice, pairwise
from types import SimpleNamespace

import pytest

from delivery import polling
from delivery.polling import HEARTBEAT, LONGEST, pauses, wait_until


def test_pauses_grow_up_to_the_longest_and_stay_there() -> None:
    begun = list(islice(pauses(), 20))
    growing = begun[: begun.index(LONGEST) + 1]
    assert len(growing) > 2
    assert all(shorter < longer for shorter, longer in pairwise(growing))
    assert set(begun[len(growing) :]) == {LONGEST}


def test_a_long_wait_is_told_again_and_again() -> None:
    told: list[str] = []
    waited = 0.0
    for pause in islice(pauses(lambda: told.append("waits")), 100):
        waited += pause
        assert len(told) <= waited / HEARTBEAT
    assert len(told) >= waited / (HEARTBEAT + LONGEST) - 1


def test_a_short_wait_is_silent() -> None:
    told: list[str] = []
    waiting = pauses(lambda: told.append("waits"))
    waited = next(waiting)
    while waited <= HEARTBEAT:
        assert told == []
        waited += next(waiting)


def test_what_is_waited_for_is_looked_at_at_once_and_after_each_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(polling, "time", SimpleNamespace(sleep=waited.append))
    answers = iter([False, False, True])
    wait_until(lambda: next(answers))
    assert list(answers) == []
    assert waited == list(islice(pauses(), 2))
    wait_until(lambda: True)
    assert len(waited) == 2
