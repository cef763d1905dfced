"""What looks like a credential."""

import pytest

from description.credentials import looks_like_one


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN PRIVATE KEY-----",
        f"key AKIA{'A1B2' * 4}",
        f"ASIA{'A1B2' * 4}",
        "sk_live_1",
        "rk_live_1",
        "is sk_test_1",
        "rk_test_1",
        "postgres://me:pw@db/x",
    ],
)
def test_keys_and_urls_with_a_password_do(value: str) -> None:
    assert looks_like_one(value)
    assert looks_like_one(f"first\n{value}\nlast")


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"akia{'a1b2' * 4}",
        f"XAKIA{'A1B2' * 4}",
        "AKIA",
        "risk_live_1",
        "https://host:443/path?to=me@example.com",
        "postgres://db",
    ],
)
def test_what_is_only_a_little_like_them_does_not(value: str) -> None:
    assert not looks_like_one(value)
