from typing import Any

import pytest

from checks.permissions.conditions import OPERATORS, condition
from checks.permissions.language import Kind, PolicyError, parse
from checks.resolved import Reference

SAFE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
OF_A_BUCKET = {**SAFE, "Principal": {"Service": "delivery.logs.amazonaws.com"}}


def document(statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_reads_one_value_as_a_list_of_one() -> None:
    (statement,) = parse(document(SAFE), Kind.IDENTITY)

    assert statement.allows
    assert statement.actions == ("s3:GetObject",)
    assert statement.resources == ("arn:aws:s3:::logs/*",)
    assert statement.path == ("Statement", 0)


def test_reads_principals_and_conditions() -> None:
    more = {
        "Principal": {"AWS": ["arn:aws:iam::111122223333:root"], "Service": "sns.amazonaws.com"},
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    (statement,) = parse(document({**SAFE, **more}), Kind.RESOURCE)

    assert statement.principals == ("arn:aws:iam::111122223333:root", "sns.amazonaws.com")
    (one,) = statement.conditions
    assert (one.key, one.expected) == ("aws:securetransport", ("false",))


def test_what_only_aws_will_know_is_a_resource() -> None:
    (statement,) = parse(document({**SAFE, "Resource": [Reference("Data/Queue")]}), Kind.IDENTITY)

    assert statement.resources == ("${Data/Queue}",)


REFUSED = [
    (Kind.IDENTITY, {"NotAction": "s3:*"}, "is not understood"),
    (Kind.IDENTITY, {"NotResource": "*"}, "is not understood"),
    (Kind.IDENTITY, {"Principal": "*"}, "is not understood"),
    (Kind.IDENTITY, {"Surprise": "*"}, "is not understood"),
    (Kind.IDENTITY, {"Resource": None}, "must be a text"),
    (Kind.IDENTITY, {"Resource": []}, "must be a text"),
    (Kind.IDENTITY, {"Resource": "arn:aws:s3:::${aws:username}"}, "policy variable"),
    (Kind.IDENTITY, {"Action": "*"}, "must be of a service"),
    (Kind.IDENTITY, {"Action": 7}, "must be a text"),
    (Kind.IDENTITY, {"Effect": "allow"}, "must be Allow or Deny"),
    (Kind.IDENTITY, {"Condition": {"StringMatches": {"aws:SourceArn": "x"}}}, "not an operator"),
    (Kind.IDENTITY, {"Condition": {"StringEqualsIfExists": {"aws:SourceArn": "x"}}}, "operator"),
    (Kind.IDENTITY, {"Condition": {"StringEquals": {"aws:SourceAcount": "x"}}}, "condition key"),
    (Kind.IDENTITY, {"Condition": {"StringEquals": "x"}}, "must have condition keys"),
    (Kind.IDENTITY, {"Condition": "x"}, "must have operators"),
    (Kind.TRUST, {}, "is not understood"),
    (Kind.RESOURCE, {"NotPrincipal": "*"}, "is not understood"),
    (Kind.RESOURCE, {"Principal": {"Federated": "x"}}, "must be * or of AWS, Service"),
    (Kind.RESOURCE, {"Principal": {"Service": "logs"}}, "is no AWS service"),
    (Kind.RESOURCE, {"Principal": {"AWS": "arn:aws:iam::*:root"}}, "wildcard within a name"),
]


@pytest.mark.parametrize(("kind", "change", "message"), REFUSED)
def test_refuses_what_it_does_not_know(kind: Kind, change: dict[str, Any], message: str) -> None:
    given = {**(OF_A_BUCKET if kind is Kind.RESOURCE else SAFE), **change}
    with pytest.raises(PolicyError, match=message.replace("*", r"\*")):
        parse(document(given), kind)


@pytest.mark.parametrize("element", ["Action", "Principal", "Resource"])
def test_refuses_a_statement_without_an_element(element: str) -> None:
    given = {key: value for key, value in OF_A_BUCKET.items() if key != element}
    with pytest.raises(PolicyError, match=f"must have {element}"):
        parse(document(given), Kind.RESOURCE)


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"Version": "2008-10-17", "Statement": [SAFE]},
        {"Version": "2012-10-17", "Statement": SAFE},
        {"Version": "2012-10-17", "Statement": [SAFE], "Id": "x"},
    ],
)
def test_refuses_other_documents(given: Any) -> None:
    with pytest.raises(PolicyError, match="must have Version 2012-10-17"):
        parse(given, Kind.IDENTITY)


def test_refuses_a_sid_twice() -> None:
    twice = {"Version": "2012-10-17", "Statement": [{**SAFE, "Sid": "A"}, {**SAFE, "Sid": "A"}]}
    with pytest.raises(PolicyError, match="each Sid once"):
        parse(twice, Kind.IDENTITY)


def test_says_where() -> None:
    with pytest.raises(PolicyError) as raised:
        parse(document({**SAFE, "Condition": {"Bool": {"aws:Weather": "x"}}}), Kind.IDENTITY)

    assert raised.value.path == ("Statement", 0, "Condition", "Bool", "aws:Weather")


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_key_that_a_request_has_not_holds_only_if_it_need_not_exist(operator: str) -> None:
    holds = condition(operator, "aws:SourceArn", ("*",)).holds({})

    assert holds is operator.endswith("IfExists")


def test_a_condition_holds_for_one_of_its_values() -> None:
    one = condition("StringEquals", "aws:SourceAccount", ("1", "2"))

    assert one.holds({"aws:sourceaccount": "2"})
    assert not one.holds({"aws:sourceaccount": "12"})
    assert condition("Bool", "aws:SecureTransport", ("False",)).holds(
        {"aws:securetransport": "false"}
    )
