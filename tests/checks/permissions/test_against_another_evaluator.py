"""Random policies and requests: our decisions are those of the local AWS's evaluator."""

import random
from collections import Counter
from typing import Any

import pytest

from checks.permissions.decision import Request, account_of, decide, permits
from checks.permissions.language import Kind, parse
from localaws.emulator import iam_evaluator as other

HERE, ELSEWHERE = "111122223333", "999999999999"
ROLES = (f"arn:aws:iam::{HERE}:role/one", f"arn:aws:iam::{HERE}:role/two")
STRANGER = f"arn:aws:iam::{ELSEWHERE}:role/one"
SERVICES = ("logs.amazonaws.com", "ecs-tasks.amazonaws.com")
ACTIONS = ("kms:Decrypt", "kms:Encrypt", "s3:GetObject", "s3:PutObject", "sns:Publish")
ACTION_PATTERNS = (*ACTIONS, "kms:*", "s3:*Object", "S3:get*", "sns:Publis?")
RESOURCES = (
    f"arn:aws:kms:us-east-1:{HERE}:key/one",
    "arn:aws:s3:::logs/a/b",
    "arn:aws:s3:::logs/c",
    f"arn:aws:sns:us-east-1:{HERE}:alarms",
)
RESOURCE_PATTERNS = (
    *RESOURCES,
    "*",
    "arn:aws:s3:::logs/*",
    "arn:aws:s3:::logs/?",
    "arn:aws:S3:::logs/*",
    f"arn:aws:kms:*:{HERE}:key/*",
)
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": ROLES[0]},
    {"AWS": list(ROLES)},
    {"AWS": STRANGER},
    {"AWS": f"arn:aws:iam::{HERE}:root"},
    {"AWS": ELSEWHERE},
    {"Service": SERVICES[0]},
    {"Service": list(SERVICES)},
    {"AWS": ROLES[1], "Service": SERVICES[1]},
)
SOURCES = (
    f"arn:aws:ecs:us-east-1:{HERE}:task/a",
    f"arn:aws:ecs:eu-west-1:{HERE}:task/b",
    f"arn:aws:logs:us-east-1:{ELSEWHERE}:log-group:/ecs/a",
)
SOURCE_PATTERNS = (
    *SOURCES,
    f"arn:aws:ecs:*:{HERE}:*",
    "arn:aws:*:us-east-1:*:*",
    f"arn:aws:ecs:us-east-?:{HERE}:task/?",
)


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same in every run


def some(chance: random.Random, choices: tuple[str, ...]) -> Any:
    """One, or a list of up to three."""
    if chance.random() < 0.5:
        return chance.choice(choices)
    return chance.sample(choices, chance.randint(1, 3))


def conditions(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if chance.random() < 0.3:
        found["StringEquals"] = {"aws:SourceAccount": some(chance, (HERE, ELSEWHERE, "0"))}
    if chance.random() < 0.3:
        operator = chance.choice(("ArnLike", "ArnEquals"))
        found[operator] = {"AWS:sourceArn": some(chance, SOURCE_PATTERNS)}
    if chance.random() < 0.2:
        found["StringLike"] = {"kms:ViaService": some(chance, ("s3.*", "sns.?", "*.amazonaws.com"))}
    if chance.random() < 0.2:
        found["Bool"] = {"aws:SecureTransport": chance.choice(("true", "false", "False"))}
    if chance.random() < 0.2:
        found["BoolIfExists"] = {"kms:GrantIsForAWSResource": chance.choice(("true", "false"))}
    return found


def statement(chance: random.Random, kind: Kind) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": chance.choice(("Allow", "Allow", "Allow", "Deny")),
        "Action": "sts:AssumeRole" if kind is Kind.TRUST else some(chance, ACTION_PATTERNS),
    }
    if kind is not Kind.TRUST:
        made["Resource"] = some(chance, RESOURCE_PATTERNS)
    if kind is not Kind.IDENTITY:
        made["Principal"] = chance.choice(PRINCIPALS)
    if found := conditions(chance):
        made["Condition"] = found
    return made


def document(chance: random.Random, kind: Kind) -> dict[str, Any]:
    statements = [statement(chance, kind) for _ in range(chance.randint(1, 4))]
    return {"Version": "2012-10-17", "Statement": statements}


def request(chance: random.Random, *principals: str) -> Request:
    context = {"aws:securetransport": chance.choice(("true", "false"))}
    if chance.random() < 0.8:
        context["aws:sourceaccount"] = chance.choice((HERE, ELSEWHERE))
    if chance.random() < 0.8:
        context["aws:sourcearn"] = chance.choice(SOURCES)
    if chance.random() < 0.5:
        context["kms:viaservice"] = chance.choice(("s3.amazonaws.com", "sns.a"))
    if chance.random() < 0.5:
        context["kms:grantisforawsresource"] = chance.choice(("true", "false"))
    return Request(
        chance.choice(principals), chance.choice(ACTIONS), chance.choice(RESOURCES), context
    )


def theirs(one: Request) -> Any:
    return other.EvalContext(
        principal_arn=one.principal,
        principal_type="AssumedRole",
        principal_account=account_of(one.principal) or "",
        action=one.action,
        resource_arn=one.resource,
        region="us-east-1",
        secure_transport=one.context["aws:securetransport"] == "true",
        service_context=dict(one.context),
    )


@pytest.mark.parametrize("seed", range(4))
def test_decides_on_identity_policies_alike(seed: int) -> None:
    chance, answers = chance_of(seed), Counter[bool]()
    for _ in range(500):
        policy, asked = document(chance, Kind.IDENTITY), request(chance, ROLES[0])
        answer = decide(asked, parse(policy, Kind.IDENTITY), account=HERE)
        answers[answer] += 1

        found = other.evaluate(theirs(asked), [other.parse_policy_document(policy)])
        assert (found.decision == "Allow") is answer, (policy, asked)
    assert min(answers.values()) > 10


@pytest.mark.parametrize("seed", range(4))
def test_decides_on_both_policies_alike(seed: int) -> None:
    chance, answers = chance_of(seed), Counter[bool]()
    for _ in range(500):
        own, guard = document(chance, Kind.IDENTITY), document(chance, Kind.RESOURCE)
        asked = request(chance, *ROLES, STRANGER)
        answer = decide(asked, parse(own, Kind.IDENTITY), parse(guard, Kind.RESOURCE), account=HERE)
        answers[answer] += 1

        context = theirs(asked)
        found = other.combine_resource_policy(
            other.evaluate(context, [other.parse_policy_document(own)]),
            context,
            guard,
            HERE,
            required=asked.action.startswith("kms:"),
        )
        assert (found.decision == "Allow") is answer, (own, guard, asked)
    assert min(answers.values()) > 10


@pytest.mark.parametrize("seed", range(4))
def test_decides_on_services_alike(seed: int) -> None:
    chance, answers = chance_of(seed), Counter[bool]()
    for _ in range(500):
        guard, asked = document(chance, Kind.RESOURCE), request(chance, *SERVICES)
        answer = decide(asked, (), parse(guard, Kind.RESOURCE), account=HERE)
        answers[answer] += 1

        found = other.evaluate_resource_policy(guard, theirs(asked), service=asked.principal)
        assert (found.decision == "Allow") is answer, (guard, asked)
    assert min(answers.values()) > 10


@pytest.mark.parametrize("seed", range(4))
def test_decides_on_trust_alike(seed: int) -> None:
    chance, answers = chance_of(seed), Counter[bool]()
    for _ in range(500):
        trust, drawn = document(chance, Kind.TRUST), request(chance, *SERVICES, *ROLES)
        asked = Request(drawn.principal, "sts:AssumeRole", ROLES[0], drawn.context)
        answer = permits(asked, parse(trust, Kind.TRUST))
        answers[answer] += 1

        found = other.evaluate_resource_policy(trust, theirs(asked), service=asked.principal)
        assert (found.decision == "Allow") is answer, (trust, asked)
    assert min(answers.values()) > 10
