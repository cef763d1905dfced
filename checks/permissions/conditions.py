"""Conditions of policies: the operators and keys that our templates use, and no other.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; the services' pages of the
Service Authorization Reference for their keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from checks.permissions.patterns import matches, matches_arn

Context = Mapping[str, str]
"""What AWS knows of a request: condition key, in lower case, to value."""


Values = tuple[str, ...]


def _arn_like(expected: Values, actual: str) -> bool:
    return any(matches_arn(one, actual) for one in expected)


def _is_bool(expected: Values, actual: str) -> bool:
    return any(one.lower() == actual.lower() for one in expected)


def _string_equals(expected: Values, actual: str) -> bool:
    return actual in expected


def _string_like(expected: Values, actual: str) -> bool:
    return any(matches(one, actual) for one in expected)


OPERATORS: Final[Mapping[str, Callable[[Values, str], bool]]] = {
    "ArnEquals": _arn_like,  # the same as ArnLike
    "ArnLike": _arn_like,
    "Bool": _is_bool,
    "BoolIfExists": _is_bool,
    "StringEquals": _string_equals,
    "StringLike": _string_like,
}
"""Operator to whether a value is one of those that it expects."""

KEYS: Final = frozenset(
    key.lower()
    for key in (
        "aws:PrincipalAccount",
        "aws:PrincipalIsAWSService",
        "aws:ResourceAccount",
        "aws:ResourceTag/GuardDutyManaged",
        "aws:ResourceTag/aws:cloudformation:stack-name",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        "cloudformation:RoleArn",
        "cloudformation:TemplateUrl",
        "ecs:cluster",
        "iam:AWSServiceName",
        "iam:PassedToService",
        "kms:CallerAccount",
        "kms:EncryptionContext:aws:logs:arn",
        "kms:EncryptionContext:SecretARN",
        "kms:GrantIsForAWSResource",
        "kms:ViaService",
        "s3:x-amz-acl",
    )
)


@dataclass(frozen=True)
class Condition:
    """One key, and the values that one operator wants it to have."""

    operator: str
    key: str
    """In lower case: the names of keys have none."""
    expected: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """Return whether a request in ``context`` has one of the values.

        A key that the request has not is none of them, but any for an operator that ends so.
        """
        actual = context.get(self.key)
        if actual is None:
            return self.operator.endswith("IfExists")
        return OPERATORS[self.operator](self.expected, actual)

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {' or '.join(self.expected)}"


def condition(operator: str, key: str, expected: tuple[str, ...]) -> Condition:
    """Return a condition. Raises ``ValueError`` for an operator or a key that is not known here."""
    if operator not in OPERATORS:
        raise ValueError(f"{operator} is not an operator that is understood")
    if key.lower() not in KEYS:
        raise ValueError(f"{key} is not a condition key that is understood")
    return Condition(operator, key.lower(), expected)
