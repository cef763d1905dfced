"""Parts: statements in as few managed policies as they fit into."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from awacs.aws import Statement
from troposphere import encode_to_dict

from templates import iam

MOST: Final = 6144
"""Characters that a managed policy may have, without white space.

Source: IAM User Guide, "IAM and AWS STS quotas".
"""

WHOLE: Final = 20
"""A statement that names more resources than that is cut where a policy is full."""

BUCKET: Final = "TemplateBucket"
REGISTRY: Final = "RegistryAccountId"
ROLE: Final = "ExecutionRole"

_ACCOUNT: Final = "111122223333"
_PARTITION: Final = "aws-us-gov"
LONGEST: Final[Mapping[str, str]] = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Partition": _PARTITION,
    "AWS::Region": "ap-southeast-1",
    "AWS::URLSuffix": "amazonaws.com.cn",
    BUCKET: "b" * 63,
    REGISTRY: _ACCOUNT,
    f"{ROLE}.Arn": f"arn:{_PARTITION}:iam::{_ACCOUNT}:role/{'r' * 64}",
}
"""What policies refer to, to the longest that it may become: a bucket's name has 63 characters, a
role's 64."""

_MARKER = re.compile(r"\$\{([^}]*)\}")


def parts(rights: Iterable[Statement]) -> list[list[Statement]]:
    """Return ``rights`` in parts that each fit into a managed policy.

    Long lists of resources come last and fill what the other statements leave. Raises
    ``ValueError`` for a statement that fits into none.
    """
    made: list[list[Statement]] = []
    for one in sorted(rights, key=_named):
        start = number = 0
        while start < _named(one):
            if number == len(made):
                made.append([])
            end = _end(made[number], one, start)
            if end > start:
                made[number].append(_piece(one, start, end))
            elif not made[number]:
                raise ValueError(f"{one.properties['Sid']} does not fit into a managed policy")
            start, number = end, number + 1
    return made


def size(part: Iterable[Statement]) -> int:
    """Return how many characters a policy has at most, without white space."""
    document = _longest(encode_to_dict(iam.policy(*part)))
    return len("".join(json.dumps(document, separators=(",", ":")).split()))


def _named(one: Statement) -> int:
    return len(one.properties["Resource"])


def _end(part: Sequence[Statement], one: Statement, start: int) -> int:
    """Return up to where the resources of a statement, from ``start`` on, fit into a part."""
    ends = range(start + 1, _named(one) + 1)
    if len(ends) <= WHOLE:
        ends = ends[-1:]
    fitting = bisect_right(ends, MOST, key=lambda end: size([*part, _piece(one, start, end)]))
    return ends[fitting - 1] if fitting else start


def _piece(one: Statement, start: int, end: int) -> Statement:
    """Return a statement of some of the resources of another one."""
    return Statement(**{**one.properties, "Resource": one.properties["Resource"][start:end]})


def _longest(value: Any) -> Any:
    """Return a value with the longest text in place of each reference."""
    match value:
        case {"Fn::Sub": str(text)}:
            return _MARKER.sub(lambda found: LONGEST[found[1]], text)
        case {"Ref": str(name)}:
            return LONGEST[name]
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return LONGEST[f"{name}.{attribute}"]
        case dict():
            return {key: _longest(inner) for key, inner in value.items()}
        case list():
            return [_longest(inner) for inner in value]
    return value
