"""The rights of a person and of a pipeline: what each may, and may not."""

import pytest

from checks.permissions.deployment.callers import FORMS, ON_EVERYTHING, QUOTAS
from checks.permissions.deployment.commands import NEEDS, PIPELINE, RENAMED, Grant
from checks.permissions.deployment.scopes import UNNAMED, known_types
from delivery.preflight import fargate, rules
from delivery.preflight.quotas import QUOTAS as COMPARED
from tests.checks.permissions.test_deployment import (
    ELSEWHERE,
    HERE,
    OURS,
    may,
    named,
    statements,
)

PERSON, PIPELINES, EMPTYING = "PersonPolicy", "PipelinePolicy", "EmptyingPolicy"
STACK = f"arn:aws:cloudformation:us-east-1:{HERE}:stack/gateway-dev/0123"
ROLE = f"arn:aws:iam::{HERE}:role/${{ExecutionRole}}"
BUCKET = "arn:aws:s3:::templates-of-ours"
SECRETS = f"arn:aws:secretsmanager:us-east-1:{HERE}:secret:payment"
URL = "https://s3.us-east-1.amazonaws.com/templates-of-ours/templates"
CLOUDFORMATION, SECRETS_MANAGER = (
    {"iam_PassedToService": "cloudformation.amazonaws.com"},
    {"kms_ViaService": "secretsmanager.us-east-1.amazonaws.com"},
)


@pytest.mark.parametrize("which", [PERSON, PIPELINES])
def test_both_start_cloudformation_on_this_systems_stacks_only(which: str) -> None:
    other = STACK.replace("gateway", "payments")
    for action in ("DescribeStacks", "ExecuteChangeSet", "GetTemplate", "DetectStackDrift"):
        assert may(f"cloudformation:{action}", STACK, which=which), action
        assert not may(f"cloudformation:{action}", other, which=which), action
    assert may("s3:PutObject", f"{BUCKET}/templates/gateway/x.json", which=which)
    assert not may("s3:PutObject", f"{BUCKET}/templates/payments/x.json", which=which)
    assert may("s3:GetObject", f"{BUCKET}/templates/deployments/gateway-dev/x.json", which=which)
    assert not may("s3:GetObject", f"{BUCKET}/templates/deployments/payments-dev/x", which=which)


@pytest.mark.parametrize("which", [PERSON, PIPELINES])
def test_both_give_the_role_to_cloudformation_and_to_nothing_else(which: str) -> None:
    assert may("iam:PassRole", ROLE, which=which, **CLOUDFORMATION)
    assert not may("iam:PassRole", ROLE, which=which, iam_PassedToService="lambda.amazonaws.com")
    assert not may("iam:PassRole", OURS, which=which, **CLOUDFORMATION)
    assert not may("sts:AssumeRole", ROLE, which=which)


@pytest.mark.parametrize("which", [PERSON, PIPELINES, EMPTYING])
def test_none_may_make_or_delete_what_a_system_is_made_of(which: str) -> None:
    tried = [one for one in named("gateway") if one[0] != "s3:PutBucketPolicy"]

    assert len(tried) > 20
    assert [one for one in tried if may(*one, which=which)] == []


def test_a_pipeline_names_role_and_template_with_each_change_set() -> None:
    def may_make(which: str = PIPELINES, **context: str) -> bool:
        return may("cloudformation:CreateChangeSet", STACK, which=which, **context)

    role = {"cloudformation_RoleArn": ROLE}
    template = {"cloudformation_TemplateUrl": f"{URL}/gateway/production/parent-0.json"}
    assert may_make(**role, **template)
    assert not may_make(**template)
    assert not may_make(**template, cloudformation_RoleArn=f"arn:aws:iam::{HERE}:role/admin")
    assert not may_make(**role)
    for elsewhere in (f"{URL}/payments/parent.json", "https://s3.amazonaws.com/other/x.json"):
        assert not may_make(**role, cloudformation_TemplateUrl=elsewhere)
    assert may_make(PERSON)


PEOPLES = [
    ("cloudformation:DeleteStack", STACK, {}),
    ("cloudformation:UpdateTerminationProtection", STACK, {}),
    (
        "iam:CreateServiceLinkedRole",
        f"arn:aws:iam::{HERE}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        {"iam_AWSServiceName": "ecs.amazonaws.com"},
    ),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{HERE}:key/0123", SECRETS_MANAGER),
    ("kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{HERE}:key/0123", SECRETS_MANAGER),
    ("s3:CreateBucket", BUCKET, {}),
    ("s3:PutBucketPolicy", BUCKET, {}),
    ("secretsmanager:BatchGetSecretValue", "*", {}),
    ("secretsmanager:GetSecretValue", f"{SECRETS}-api-keys-dev-a1B2c3", {}),
    ("secretsmanager:PutSecretValue", f"{SECRETS}-api-keys-dev-a1B2c3", {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), PEOPLES)
def test_a_person_may_what_a_pipeline_may_not(
    action: str, resource: str, context: dict[str, str]
) -> None:
    assert may(action, resource, which=PERSON, **context)
    assert not may(action, resource, which=PIPELINES, **context)


def test_secrets_of_others_and_keys_by_themselves_are_out_of_reach_for_a_person() -> None:
    assert not may("secretsmanager:GetSecretValue", f"{SECRETS}-ledger-dev-a1B2c3", which=PERSON)
    assert not may("kms:Decrypt", f"arn:aws:kms:us-east-1:{HERE}:key/0123", which=PERSON)


def test_logs_are_deleted_with_a_policy_of_its_own_only() -> None:
    logs = "arn:aws:s3:::gateway-dev-monitoring-0a1b-logbucket-2c3d"
    wanted = [
        ("s3:ListBucketVersions", logs),
        ("s3:DeleteObject", f"{logs}/a"),
        ("s3:DeleteObjectVersion", f"{logs}/a"),
    ]

    for action, resource in wanted:
        assert may(action, resource, which=EMPTYING)
        assert not may(action, resource.replace("gateway", "payments"), which=EMPTYING)
        assert not may(action, resource, which=PERSON)
        assert not may(action, resource, which=PIPELINES)


def test_images_are_pushed_to_this_systems_repositories() -> None:
    ours = f"arn:aws:ecr:us-east-1:{HERE}:repository/payment-api-gateway-dev"
    theirs = f"arn:aws:ecr:us-east-1:{ELSEWHERE}:repository/payment-api"

    assert may("ecr:PutImage", ours, which=PIPELINES)
    assert not may("ecr:PutImage", ours.replace("payment-", "other-"), which=PIPELINES)
    assert may("ecr:PutImage", theirs, system="payments", which=PIPELINES)
    assert not may("ecr:PutImage", f"{theirs}s", system="payments", which=PIPELINES)


@pytest.mark.parametrize("which", [PERSON, PIPELINES])
def test_tasks_are_listed_of_this_systems_cluster(which: str) -> None:
    cluster = f"arn:aws:ecs:us-east-1:{HERE}:cluster/payment-gateway-dev"

    assert may("ecs:ListTasks", which=which, ecs_cluster=cluster)
    assert not may("ecs:ListTasks", which=which, ecs_cluster=cluster.replace("gateway", "other"))
    assert not may("ecs:ListTasks", which=which)


@pytest.mark.parametrize("which", [PERSON, PIPELINES, EMPTYING])
def test_only_actions_without_a_resource_of_ours_are_on_everything(which: str) -> None:
    on_everything = {
        action
        for one in statements("gateway", which)
        if "*" in one.resources
        for action in one.actions
    }

    assert {one for one in on_everything if known_types(one)} <= ON_EVERYTHING
    named = {one.sid for one in statements("gateway", which) if "*" in one.resources}
    assert named <= {"ActionsWithoutResources", "EcsListTasks"}


def test_nothing_is_said_of_actions_in_vain() -> None:
    asked = {action for need in NEEDS for action in need.actions}
    calls = {call for need in NEEDS for call in need.calls}

    assert asked >= ON_EVERYTHING
    assert asked >= UNNAMED.keys()
    assert calls >= RENAMED.keys()
    for service, kinds in FORMS.items():
        known = {
            kind for one in asked if one.startswith(f"{service}:") for kind in known_types(one)
        }
        assert known >= kinds.keys()


def test_the_quotas_that_may_be_read_are_those_that_check_compares_with() -> None:
    compared = [(one.service, one.code) for one in (*COMPARED, *rules.QUOTAS)]
    compared += [(fargate.SERVICE, code) for code in fargate.CODES.values()]
    assert sorted(QUOTAS) == sorted("/".join(one) for one in compared)


def test_what_a_pipeline_may_not_says_why() -> None:
    for need in NEEDS:
        assert bool(need.why) == (need.grant is not Grant.ALL), need.what
        assert need.grant is not Grant.ALL or set(need.commands) & set(PIPELINE), need.what
