"""Decisions that are easy to get wrong, each with what AWS documents."""

from typing import Any

from checks.permissions.decision import Request, decide, permits
from checks.permissions.language import Kind, Statement, parse

HERE, ELSEWHERE = "111122223333", "999999999999"
ROLE = f"arn:aws:iam::{HERE}:role/reader"
STRANGER = f"arn:aws:iam::{ELSEWHERE}:role/reader"
ROOT = f"arn:aws:iam::{HERE}:root"
KEY = f"arn:aws:kms:us-east-1:{HERE}:key/one"
BUCKET = "arn:aws:s3:::logs"
LOGS = "delivery.logs.amazonaws.com"


def statements(kind: Kind, *given: dict[str, Any]) -> list[Statement]:
    return parse({"Version": "2012-10-17", "Statement": list(given)}, kind)


def may(action: str, resource: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def for_whom(principal: Any, given: dict[str, Any], **condition: Any) -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return {**given, "Principal": principal, **more}


def allowed(request: Request, own: list[Statement], guards: list[Statement] | None = None) -> bool:
    return decide(request, own, guards, account=HERE)


READ = Request(ROLE, "s3:GetObject", f"{BUCKET}/x")
DECRYPT = Request(ROLE, "kms:Decrypt", KEY)
MAY_READ = statements(Kind.IDENTITY, may("s3:GetObject", f"{BUCKET}/*"))
MAY_DECRYPT = statements(Kind.IDENTITY, may("kms:Decrypt", KEY))


def test_nothing_is_allowed_that_nobody_allows() -> None:
    assert not allowed(READ, [])
    assert not allowed(READ, statements(Kind.IDENTITY, may("s3:GetObject", BUCKET)))
    assert not allowed(READ, statements(Kind.IDENTITY, may("s3:PutObject", f"{BUCKET}/*")))


def test_either_policy_is_enough_within_an_account() -> None:
    guard = statements(Kind.RESOURCE, for_whom({"AWS": ROLE}, may("s3:GetObject", f"{BUCKET}/*")))

    assert allowed(READ, MAY_READ)
    assert allowed(READ, MAY_READ, [])
    assert allowed(READ, [], guard)


def test_a_denial_wins_wherever_it_is() -> None:
    deny = may("s3:*", f"{BUCKET}/*", "Deny")
    own = statements(Kind.IDENTITY, may("s3:GetObject", f"{BUCKET}/*"), deny)

    assert not allowed(READ, own)
    assert not allowed(READ, MAY_READ, statements(Kind.RESOURCE, for_whom("*", deny)))
    assert not allowed(READ, MAY_READ, statements(Kind.RESOURCE, for_whom({"AWS": HERE}, deny)))


def test_a_denial_with_a_condition_is_for_requests_that_meet_it() -> None:
    deny = for_whom("*", may("s3:*", f"{BUCKET}/*", "Deny"), Bool={"aws:SecureTransport": "false"})
    guard = statements(Kind.RESOURCE, deny)
    secure = Request(*_parts(READ), {"aws:securetransport": "true"})
    plain = Request(*_parts(READ), {"aws:securetransport": "false"})

    assert allowed(secure, MAY_READ, guard)
    assert not allowed(plain, MAY_READ, guard)


def test_naming_the_account_leaves_it_to_identity_policies() -> None:
    guard = statements(Kind.RESOURCE, for_whom({"AWS": ROOT}, may("s3:*", f"{BUCKET}/*")))

    assert not allowed(READ, [], guard)
    assert allowed(READ, MAY_READ, guard)


def test_another_account_needs_both() -> None:
    request = Request(STRANGER, "s3:GetObject", f"{BUCKET}/x")
    guard = statements(
        Kind.RESOURCE, for_whom({"AWS": ELSEWHERE}, may("s3:GetObject", f"{BUCKET}/*"))
    )

    assert not allowed(request, MAY_READ)
    assert not allowed(request, [], guard)
    assert allowed(request, MAY_READ, guard)


def test_a_key_is_used_only_by_its_policys_leave() -> None:
    to_the_account = statements(Kind.RESOURCE, for_whom({"AWS": ROOT}, may("kms:*", "*")))
    to_the_role = statements(Kind.RESOURCE, for_whom({"AWS": ROLE}, may("kms:Decrypt", "*")))

    assert not allowed(DECRYPT, MAY_DECRYPT, [])
    assert allowed(DECRYPT, MAY_DECRYPT, to_the_account)
    assert not allowed(DECRYPT, [], to_the_account)
    assert allowed(DECRYPT, [], to_the_role)
    assert allowed(Request(ROOT, "kms:PutKeyPolicy", KEY), [], to_the_account)


def test_a_key_of_somebody_else_is_taken_to_leave_it_to_identity_policies() -> None:
    assert allowed(DECRYPT, MAY_DECRYPT, None)


def test_a_service_is_allowed_by_the_resource_only() -> None:
    guard = statements(
        Kind.RESOURCE,
        for_whom(
            {"Service": LOGS},
            may("s3:PutObject", f"{BUCKET}/*"),
            StringEquals={"aws:SourceAccount": HERE},
        ),
    )
    ours = Request(LOGS, "s3:PutObject", f"{BUCKET}/x", {"aws:sourceaccount": HERE})
    theirs = Request(LOGS, "s3:PutObject", f"{BUCKET}/x", {"aws:sourceaccount": ELSEWHERE})

    assert allowed(ours, [], guard)
    assert not allowed(theirs, [], guard)
    assert not allowed(Request(LOGS, "s3:PutObject", f"{BUCKET}/x"), [], guard)
    assert not allowed(Request("sns.amazonaws.com", *_parts(ours)[1:], ours.context), [], guard)


def test_a_role_is_assumed_by_whom_its_trust_policy_names() -> None:
    trust = statements(
        Kind.TRUST,
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        },
    )

    assert permits(Request("ecs-tasks.amazonaws.com", "sts:AssumeRole", ROLE), trust)
    assert not permits(Request("ec2.amazonaws.com", "sts:AssumeRole", ROLE), trust)
    assert not permits(Request("ecs-tasks.amazonaws.com", "sts:TagSession", ROLE), trust)


def _parts(request: Request) -> tuple[str, str, str]:
    return request.principal, request.action, request.resource
