"""What looks like a credential, so that none stays in a description and none is shown."""

import re

_NAME = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SIGNING"
    r"|ENCRYPTION|MASTER)_?KEY)(_|$)",
    re.IGNORECASE,
)
_ABOUT_ONE = re.compile(
    r"_(ARN|ENDPOINT|FILE|HOST|ISSUER|LENGTH|NAME|PATH|POLICY|SECONDS|TTL|TYPE|URI|URL)$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"-----BEGIN|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\b[rs]k_(live|test)_|://[^/\s:@]+:[^/\s@]+@"
)
_SIGNS = ("-----BEGIN", "AKIA", "ASIA", "k_live_", "k_test_", "://")
"""Each such value has one of these, which are quick to look for in a long text."""


def is_named_like_one(name: str) -> bool:
    """Return whether a name is that of a credential, not of something about one."""
    return bool(_NAME.search(name)) and not _ABOUT_ONE.search(name)


def looks_like_one(value: str) -> bool:
    """Return whether a value looks like a key, or like a URL with a password."""
    return any(sign in value for sign in _SIGNS) and bool(_VALUE.search(value))


def may_be_one(where: tuple[str | int, ...], value: object) -> bool:
    """Return whether a value may be a credential, by its place in a description or its looks.

    Below ``secrets`` belong names, and the number of a secret's shard; what else is there by
    mistake may be a credential.
    """
    if "secrets" in where:
        is_name = where[-1] in {"secret", "key"} or where[-2:-1] == ("keys",)
        is_shard = where[-3:-2] == ("secrets",) and where[-1] == "shard"
        return not (isinstance(value, str) if is_name else is_shard and isinstance(value, int))
    names = [step for step in where if isinstance(step, str)]
    return any(map(is_named_like_one, names)) or looks_like_one(str(value))
