"""The policy language, as far as our templates use it. Anything else is refused.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from checks.permissions.conditions import Condition, Context, condition
from checks.rendering import Path
from checks.resolved import Reference

ANYONE: Final = "*"
"""The principal that is everybody."""

_PRINCIPALS: Final = frozenset({"AWS", "Service"})


class Kind(Enum):
    """What a policy is attached to."""

    IDENTITY = "an identity policy"
    """A role; what it may do."""
    TRUST = "a trust policy"
    """A role; who may assume it."""
    RESOURCE = "a resource's policy"
    """A resource such as a key or a bucket; who may do what with it."""
    ENDPOINT = "an endpoint's policy"
    """A VPC endpoint; which requests it lets through, whatever else allows them."""


_ELEMENTS: Final = {
    Kind.IDENTITY: frozenset({"Action", "Resource"}),
    Kind.TRUST: frozenset({"Action", "Principal"}),
    Kind.RESOURCE: frozenset({"Action", "Principal", "Resource"}),
    Kind.ENDPOINT: frozenset({"Action", "Principal", "Resource"}),
}
"""What a statement of each kind must have, besides ``Effect``."""


class PolicyError(Exception):
    """A policy says something that is not understood here."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path, self.message = path, message


@dataclass(frozen=True)
class Statement:
    """One statement."""

    path: Path
    """Where it is in its document."""
    sid: str
    allows: bool
    """Whether it allows; else it denies."""
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    """Patterns; none in a trust policy."""
    principals: tuple[str, ...]
    """Whom it is for: ARNs, accounts, names of services or ``*``; none in an identity policy."""
    conditions: tuple[Condition, ...]

    def holds(self, context: Context) -> bool:
        """Return whether all of its conditions hold in ``context``."""
        for one in self.conditions:  # noqa: SIM110 - asked most of all
            if not one.holds(context):
                return False
        return True


def parse(document: Any, kind: Kind) -> list[Statement]:
    """Return the statements of a policy document. Raises ``PolicyError``."""
    match document:
        case {"Version": "2012-10-17", "Statement": list(statements), **more} if not more:
            found = [
                _statement(one, kind, ("Statement", index)) for index, one in enumerate(statements)
            ]
            sids = [one.sid for one in found if one.sid]
            if len(sids) > len(set(sids)):
                raise PolicyError(("Statement",), "must have each Sid once, or IAM refuses it")
            return found
    raise PolicyError((), "must have Version 2012-10-17 and a list as Statement, nothing else")


def _statement(given: Any, kind: Kind, path: Path) -> Statement:
    if not isinstance(given, dict):
        raise PolicyError(path, "must be a statement")
    needed = _ELEMENTS[kind]
    for element in given.keys() - needed - {"Sid", "Effect", "Condition"}:
        raise PolicyError((*path, element), f"is not understood in {kind.value}")
    for element in sorted(needed - given.keys()):
        raise PolicyError(path, f"must have {element}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError((*path, "Effect"), "must be Allow or Deny")
    return Statement(
        path,
        str(given.get("Sid", "")),
        given["Effect"] == "Allow",
        tuple(_actions(given["Action"], (*path, "Action"))),
        texts(given["Resource"], (*path, "Resource")) if "Resource" in needed else (),
        tuple(_principals(given.get("Principal", {}), (*path, "Principal"))),
        tuple(_conditions(given.get("Condition", {}), (*path, "Condition"))),
    )


def texts(given: Any, path: Path) -> tuple[str, ...]:
    """Return one text, or a list of some, as a tuple. Raises ``PolicyError``.

    A policy variable such as ``${aws:username}`` is refused; ``${Security/LogKey}`` is how a
    resolved system writes what only AWS will know.
    """
    listed = given if isinstance(given, list) else [given]
    if not listed or not all(isinstance(one, str | Reference) for one in listed):
        raise PolicyError(path, "must be a text or a list of texts")
    found = tuple(map(str, listed))
    for one in found:
        if any(":" in piece.partition("}")[0] for piece in one.split("${")[1:]):
            raise PolicyError(path, f"has a policy variable, which is not understood: {one}")
    return found


def _actions(given: Any, path: Path) -> Iterator[str]:
    for one in texts(given, path):
        prefix, colon, name = one.partition(":")
        if not (colon and prefix and name):
            raise PolicyError(path, f"must be of a service, such as s3:GetObject, found {one}")
        yield one


def _principals(given: Any, path: Path) -> Iterator[str]:
    if given == ANYONE:
        yield ANYONE
        return
    if not isinstance(given, Mapping) or given.keys() - _PRINCIPALS:
        raise PolicyError(path, f"must be * or of {', '.join(sorted(_PRINCIPALS))}")
    for kind, names in given.items():
        for name in texts(names, (*path, kind)):
            if kind == "Service" and not name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
                raise PolicyError((*path, kind), f"{name} is no AWS service")
            if kind == "AWS" and name != ANYONE and "*" in name:
                raise PolicyError((*path, kind), "cannot have a wildcard within a name")
            yield name


def _conditions(given: Any, path: Path) -> Iterator[Condition]:
    if not isinstance(given, Mapping):
        raise PolicyError(path, "must have operators")
    for operator, keys in given.items():
        if not isinstance(keys, Mapping):
            raise PolicyError((*path, operator), "must have condition keys")
        for key, values in keys.items():
            here = (*path, operator, key)
            expected = json_texts(values, here)
            try:
                yield condition(operator, key, expected)
            except ValueError as error:
                raise PolicyError(here, str(error)) from None


def json_texts(given: Any, path: Path) -> tuple[str, ...]:
    """Return the values of a condition as texts; ``true`` is ``"true"``. Raises ``PolicyError``."""
    listed = given if isinstance(given, list) else [given]
    return texts([str(one).lower() if isinstance(one, bool) else one for one in listed], path)
