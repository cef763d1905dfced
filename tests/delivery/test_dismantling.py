"""Which services go first where a stack is too large to be deleted at once."""

import pytest

from delivery import dismantling
from delivery.dismantling import waves_of
from delivery.removal import Resource
from description import digests
from description.names import stack_of

DIGEST = f"sha256:{'0' * 64}"


def found(services: list[str], each: int, others: int) -> list[Resource]:
    paths = [(stack_of(name),) for name in services for _ in range(each)]
    paths += [("Network",)] * others
    return [
        Resource(path, f"One{number}", "AWS::SNS::Topic", f"{number}", retained=False)
        for number, path in enumerate(paths)
    ]


def gone(count: int, each: int, others: int = 20) -> list[list[str]]:
    services = [f"service-{number}" for number in range(count)]
    parameters = digests.as_values(dict.fromkeys(services, DIGEST), services)
    return list(waves_of(parameters, found(services, each, others)))


def test_what_can_go_at_once_goes_at_once() -> None:
    assert gone(3, 20) == []
    assert gone(100, 23) == []  # 100 * 23 + 20 resources in 101 stacks


@pytest.mark.parametrize("count", [110, 300, 480])
def test_no_wave_is_too_large_and_the_rest_is_not_either(count: int) -> None:
    each, others = 22, 20
    waves = gone(count, each, others)
    stacks = count + 1

    assert len(waves) >= 1
    for names in waves:
        assert len(names) * each + stacks <= 2_500
    left = count - sum(map(len, waves))
    assert left * (each + 1) + others + 1 <= 2_500
    assert len({name for names in waves for name in names}) == count - left


def test_services_are_named_as_the_parameters_know_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dismantling, "NEST_RESOURCES", 33)
    assert gone(2, 10) == [["Service0"]]
    values = {"Service0ImageDigest": DIGEST, "Service1ImageDigest": DIGEST, "Zones": "a"}
    assert digests.emptied(values, ["Service0"]) == values | {"Service0ImageDigest": ""}

    monkeypatch.undo()
    assert gone(200, 22)[0][:2] == ["service-0", "service-1"]
    shared = {"ImageDigests1": f"service-0={DIGEST},service-1={DIGEST}", "Zones": "a"}
    assert digests.emptied(shared, ["service-0"]) == shared | {
        "ImageDigests1": f"service-1={DIGEST}"
    }


def test_what_has_no_image_cannot_go_first() -> None:
    services = [f"service-{number}" for number in range(200)]
    assert list(waves_of({}, found(services, 22, 20))) == []
