from itertools import islice, pairwise

from delivery.polling import HEARTBEAT, LONGEST, pauses


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
