"""How the parent's parameters tell the versions of secrets, by service."""

import pytest

from description import versions
from description.texts import TEXT_BYTES

MANY = [f"service-{number}-of-{'a' * (number % 20)}" for number in range(480)]


def test_what_is_written_is_found_again() -> None:
    values = versions.as_values({"api": "1a2b3c4d"}, ["cards", "api"])
    assert values == {"SecretVersions": "api=1a2b3c4d"}
    assert versions.known({**values, "Other": "a=b"}) == {"api": "1a2b3c4d"}
    assert versions.known({"SecretVersions": ""}) == {}


def test_of_a_service_that_is_gone_nothing_is_written() -> None:
    assert versions.as_values({"old": "1a2b3c4d"}, ["new"]) == {"SecretVersions": ""}
    assert versions.as_values({"old": "1a2b3c4d"}, []) == {}


@pytest.mark.parametrize("count", [1, 100, 300, 480])
def test_no_text_is_longer_than_a_value_may_be(count: int) -> None:
    told = {name: versions.version([name]) for name in MANY[:count]}
    values = versions.as_values(told, MANY[:count])
    assert max(len(text) for text in values.values()) <= TEXT_BYTES
    assert len(values) <= 1 + count * 41 // TEXT_BYTES
    assert all(map(versions.tells_versions, values))
    assert versions.known(values) == told


def test_a_text_is_full_to_its_last_byte() -> None:
    names = [f"{number:04}" for number in range(292)]  # 13 bytes each, and a comma
    values = versions.as_values(dict.fromkeys(names, "0" * 8), [*names, "x"])
    assert [len(text) for text in values.values()] == [292 * 14 - 1, 0]
    assert 292 * 14 - 1 <= TEXT_BYTES < 293 * 14 - 1


def test_names_of_other_parameters_tell_no_versions() -> None:
    for name in ("SecretVersion", "SecretVersions0", "SecretVersions1", "MySecretVersions"):
        assert not versions.tells_versions(name), name


def test_a_version_says_nothing_but_that_one_of_the_secrets_has_another() -> None:
    one, other = versions.version(["c0ffee", "1"]), versions.version(["c0ffed", "1"])
    assert one != other
    assert one == versions.version(iter(["1", "c0ffee"]))
    assert all(len(v) == versions.DIGITS and v.isalnum() for v in (one, other))
