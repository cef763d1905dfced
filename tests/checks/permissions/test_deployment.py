"""The rights to deploy: enough, and no more."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from checks.permissions.actions import is_known
from checks.permissions.decision import Request, decide
from checks.permissions.deployment.handlers import UNSAID, called
from checks.permissions.deployment.left_out import LEFT_OUT, LEFT_OUT_OF, NEEDED
from checks.permissions.deployment.parts import BUCKET, MOST
from checks.permissions.deployment.scopes import FORMS, knows_resources
from checks.permissions.deployment.stack import BODY, template, text
from checks.permissions.language import Kind, Statement, parse
from checks.permissions.patterns import has_wildcard, matches_action
from checks.rendering import STACK
from checks.resolved import Place, Resource, resolve, samples
from checks.resolved.model import System
from checks.schemas import schema
from tests.checks.templates import rendering
from tests.systems_under_test import REFERENCES, SYSTEMS, described, rendered

HERE, ELSEWHERE = "111122223333", "999999999999"
ROLE = f"arn:aws:iam::{HERE}:role/deploys"
BY_NAME = {
    "AWS::ECR::Repository": ("ecr:DeleteRepository", "ecr:CreateRepository"),
    "AWS::ECS::Cluster": ("ecs:CreateCluster", "ecs:DeleteCluster"),
    "AWS::ECS::Service": ("ecs:CreateService", "ecs:DeleteService", "ecs:TagResource"),
    "AWS::IAM::Role": ("iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRole"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:TagResource"),
    "AWS::S3::Bucket": ("s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketPolicy"),
    "AWS::SNS::Topic": ("sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes"),
    "AWS::SecretsManager::Secret": ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"),
}
"""Type of what has a name that begins with the system's, to some of what is done with it."""

BY_ID = {
    "ec2:CreateSubnet": ("ec2", "vpc/vpc-0123"),
    "ec2:CreateNatGateway": ("ec2", "elastic-ip/eipalloc-0123"),
    "ec2:CreateVpcEndpoint": ("ec2", "security-group/sg-0123"),
    "ec2:DeleteVpc": ("ec2", "vpc/vpc-0123"),
    "ec2:AuthorizeSecurityGroupIngress": ("ec2", "security-group-rule/sgr-0123"),
    "ec2:CreateTags": ("ec2", "route-table/rtb-0123"),
    "elasticloadbalancing:CreateLoadBalancer": (
        "elasticloadbalancing",
        "loadbalancer/app/gatew-LoadB-0123/0123",
    ),
    "elasticloadbalancing:CreateRule": (
        "elasticloadbalancing",
        "listener/app/gatew-LoadB-0123/0123/4567",
    ),
    "elasticloadbalancing:DeleteTargetGroup": ("elasticloadbalancing", "targetgroup/a/0123"),
    "kms:PutKeyPolicy": ("kms", "key/0123"),
    "servicediscovery:CreateService": ("servicediscovery", "namespace/ns-0123"),
    "application-autoscaling:PutScalingPolicy": (
        "application-autoscaling",
        "scalable-target/0123",
    ),
}
"""Action to the service and name of something that AWS gives an id."""


@cache
def rights(system: str, *, region: str = "us-east-1", bucket: str = "templates-of-ours") -> System:
    """The template, resolved."""
    renderings = [rendered(one) for one in SYSTEMS if one.partition("/")[0] == system]
    made = template(described(system), renderings)
    one = rendering({"parent.json": made}, system)
    place = Place(account=HERE, region=region, stack_name="rights")
    given = {BUCKET: bucket, "RegistryAccountId": ELSEWHERE}
    return resolve(one, {name: given[name] for name in made["Parameters"]}, place=place)


def policies(system: str) -> list[Resource]:
    return rights(system).of_type("AWS::IAM::ManagedPolicy")


@cache
def statements(system: str, which: str) -> tuple[Statement, ...]:
    return tuple(
        statement
        for policy in policies(system)
        if policy.logical_id.startswith(which)
        for statement in parse(policy.properties["PolicyDocument"], Kind.IDENTITY)
    )


def may(
    action: str,
    resource: str = "*",
    system: str = "gateway",
    which: str = "ExecutionPolicy",
    **context: str,
) -> bool:
    given = {key.replace("_", ":", 1).lower(): value for key, value in context.items()}
    request = Request(ROLE, action, resource, given)
    return decide(request, statements(system, which), account=HERE)


def named(system: str) -> Iterator[tuple[str, str]]:
    """Actions, and the ARNs of a system's own resources as CloudFormation makes their names."""
    one = resolve(rendered(system), samples(rendered(system)))
    for kind, actions in BY_NAME.items():
        for resource in one.of_type(kind):
            arn = one.arns[resource.address]
            name = f"{system}-dev-{resource.address.replace('/', '-0A1B2C3D-')}-4E5F6G"
            name = name.lower() if kind == "AWS::S3::Bucket" else name
            arn = arn.replace(f"${{{resource.address}}}", name)
            yield from ((action, arn) for action in actions)


@pytest.mark.parametrize("system", REFERENCES)
def test_the_systems_own_resources_may_be_made_and_deleted(system: str) -> None:
    tried = list(named(system))

    assert len(tried) > 20
    assert [one for one in tried if not may(*one, system=system)] == []


@pytest.mark.parametrize("system", REFERENCES)
def test_nobody_elses_resources_may(system: str) -> None:
    for action, arn in named(system):
        other = arn.replace(f"{system}-dev", "stranger-dev").replace("payment-", "stranger-")
        assert other != arn
        assert not may(action, other, system=system), (action, other)
        assert not may(action, arn.replace(HERE, ELSEWHERE), system=system) or ":s3:" in arn


@pytest.mark.parametrize("action", BY_ID)
def test_what_aws_gives_an_id_may_be_made_in_this_account_and_region(action: str) -> None:
    service, name = BY_ID[action]

    assert may(action, f"arn:aws:{service}:us-east-1:{HERE}:{name}")
    assert not may(action, f"arn:aws:{service}:us-east-1:{ELSEWHERE}:{name}")
    assert not may(action, f"arn:aws:{service}:eu-north-1:{HERE}:{name}")


OURS = f"arn:aws:iam::{HERE}:role/gateway-dev-Services-0-ApiGateway-1-ExecutionRole-2"


def test_roles_are_given_to_tasks_and_to_nothing_else() -> None:
    assert may("iam:PassRole", OURS, iam_PassedToService="ecs-tasks.amazonaws.com")
    assert not may("iam:PassRole", OURS, iam_PassedToService="lambda.amazonaws.com")
    assert not may("iam:PassRole", OURS)
    admin = f"arn:aws:iam::{HERE}:role/admin"
    assert not may("iam:PassRole", admin, iam_PassedToService="ecs-tasks.amazonaws.com")


def test_only_known_services_get_a_role_of_their_own() -> None:
    arn = f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"

    assert may("iam:CreateServiceLinkedRole", arn, iam_AWSServiceName="ecs.amazonaws.com")
    assert not may("iam:CreateServiceLinkedRole", arn, iam_AWSServiceName="x.amazonaws.com")
    assert not may("iam:CreateRole", arn)


def test_keys_encrypt_for_secrets_manager_only_and_are_granted_to_services_only() -> None:
    key = f"arn:aws:kms:us-east-1:{HERE}:key/0123"

    for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"):
        assert may(action, key, kms_ViaService="secretsmanager.us-east-1.amazonaws.com"), action
        assert not may(action, key, kms_ViaService="s3.us-east-1.amazonaws.com"), action
    assert not may("kms:Decrypt", key)
    assert may("kms:CreateGrant", key, kms_GrantIsForAWSResource="true")
    assert not may("kms:CreateGrant", key, kms_GrantIsForAWSResource="false")


def test_values_are_read_of_this_systems_secrets_only() -> None:
    secrets = f"arn:aws:secretsmanager:us-east-1:{HERE}:secret:payment"
    ours = {f"{secrets}-{name}-dev-a1B2c3" for name in described("gateway").secrets}
    theirs = f"{secrets}-ledger-dev-a1B2c3"

    assert ours
    for one in ours:
        assert may("secretsmanager:GetSecretValue", one), one
    assert may("secretsmanager:DescribeSecret", theirs)
    assert not may("secretsmanager:GetSecretValue", theirs)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:AttachRolePolicy", OURS),
        ("iam:PutRolePermissionsBoundary", OURS),
        ("iam:DeleteRolePermissionsBoundary", OURS),
        ("iam:CreateUser", f"arn:aws:iam::{HERE}:user/gateway-dev-me"),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{HERE}:policy/gateway-dev"),
        ("sts:AssumeRole", OURS),
        ("ecs:ExecuteCommand", f"arn:aws:ecs:us-east-1:{HERE}:cluster/payment-gateway-dev"),
        ("ecs:PutAccountSetting", "*"),
        ("s3:DeleteObject", "arn:aws:s3:::gateway-dev-logbucket/x"),
        ("s3:PutObject", "arn:aws:s3:::templates-of-ours/templates/gateway/x.json"),
        ("s3:GetObject", "arn:aws:s3:::templates-of-ours/templates/payments/x.json"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:us-east-1:{HERE}:stack/other/0"),
        ("logs:GetLogEvents", f"arn:aws:logs:us-east-1:{HERE}:log-group:/ecs/payment-a-dev:*"),
        ("ecr:PutImage", f"arn:aws:ecr:us-east-1:{HERE}:repository/payment-api-gateway-dev"),
    ],
)
def test_what_no_deployment_needs_is_denied(action: str, resource: str) -> None:
    assert is_known(action)
    assert not may(action, resource)


def test_cloudformation_alone_assumes_the_execution_role() -> None:
    (role,) = rights("gateway").of_type("AWS::IAM::Role")
    (one,) = parse(role.properties["AssumeRolePolicyDocument"], Kind.TRUST)

    assert one.principals == ("cloudformation.amazonaws.com",)
    own = [one for one in policies("gateway") if one.logical_id.startswith("ExecutionPolicy")]
    assert len(role.properties["ManagedPolicyArns"]) == len(own)


@pytest.mark.parametrize("system", [*REFERENCES, "marketplace", "enclave"])
def test_every_policy_fits_into_a_managed_policy(system: str) -> None:
    made = rights(system, region="ap-southeast-1", bucket="b" * 63)
    longest = made.of_type("AWS::IAM::ManagedPolicy")

    whose = Counter(one.logical_id.rstrip("0123456789") for one in longest)
    assert whose.keys() > {"PersonPolicy", "PipelinePolicy"}
    assert max(whose.values()) <= 10  # managed policies of a role (IAM and AWS STS quotas)
    for one in longest:
        text = json.dumps(one.properties["PolicyDocument"], default=str)
        # A role's name has up to 64 characters.
        text = text.replace("${ExecutionRole}", "r" * 64)
        assert len("".join(text.split())) <= MOST


@pytest.mark.parametrize("system", [*REFERENCES, "marketplace", "enclave"])
def test_the_template_is_given_to_cloudformation_as_it_is(system: str) -> None:
    renderings = [rendered(one) for one in SYSTEMS if one.partition("/")[0] == system]

    assert len(text(template(described(system), renderings))) <= BODY


def test_a_large_template_is_printed_without_white_space() -> None:
    small, large = {"a": ["b"]}, {"a": ["b"] * 9000}

    assert text(small) == '{\n "a": [\n  "b"\n ]\n}'
    assert json.loads(text(large)) == large
    assert " " not in text(large)


@pytest.mark.parametrize(
    "which", ["ExecutionPolicy", "PersonPolicy", "PipelinePolicy", "EmptyingPolicy"]
)
def test_every_action_is_known_and_none_has_a_wildcard(which: str) -> None:
    actions = [action for one in statements("gateway", which) for action in one.actions]

    assert len(actions) == len(set(actions)) > 2
    assert all(is_known(one) and not has_wildcard(one) for one in actions)


def test_only_actions_that_know_no_resource_are_allowed_on_everything() -> None:
    on_everything = [
        action
        for one in statements("gateway", "ExecutionPolicy")
        if "*" in one.resources
        for action in one.actions
    ]

    assert on_everything
    assert not any(knows_resources(one) for one in on_everything)


def test_only_described_functions_may_be_set_to_rotate() -> None:
    allowed = [
        (one.actions, one.resources)
        for one in statements("marketplace", "ExecutionPolicy")
        if any(action.startswith("lambda:") for action in one.actions)
    ]

    ((actions, resources),) = allowed
    assert list(actions) == ["lambda:InvokeFunction"]
    assert [one.rpartition(":function:")[2] for one in resources] == ["rotate-ledger-*"]


def everything() -> set[str]:
    """Every type of resource that systems of ours are made of."""
    return {
        resource["Type"]
        for system in (*REFERENCES, "marketplace", "enclave")
        for one in rendered(system).templates.values()
        for resource in one["Resources"].values()
    }


ASKS = {
    "Fn::GetAZs": (
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
    ),
    "AWS::SSM::Parameter::Value<String>": ("ssm:GetParameters",),
}
"""What in the language of templates has CloudFormation ask AWS as whoever deploys, to what it
calls (CloudFormation Template Reference, "Fn::GetAZs"; User Guide, "Systems Manager parameters").
"""

ASKS_NOTHING = {
    "Fn::And",
    "Fn::Equals",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::Join",
    "Fn::Not",
    "Fn::Or",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
}


def asking(value: object) -> Iterator[str]:
    """Intrinsic functions, and texts that CloudFormation replaces by what AWS answers."""
    match value:
        case dict():
            for key, inner in value.items():
                if key.startswith("Fn::"):
                    yield key
                yield from asking(inner)
        case list():
            for inner in value:
                yield from asking(inner)
        case str() if "{{resolve:" in value:
            yield value


@pytest.mark.parametrize("system", REFERENCES)
def test_what_templates_themselves_ask_aws_may_be_asked(system: str) -> None:
    asked: set[str] = set()
    for name in SYSTEMS:
        if name.partition("/")[0] == system:
            for made in rendered(name).templates.values():
                asked |= set(asking(made))
                kinds = {given["Type"] for given in made.get("Parameters", {}).values()}
                asked |= {kind for kind in kinds if "AWS::" in kind}
                assert "Transform" not in made
    parameter = f"arn:aws:ssm:us-east-1:{HERE}:parameter/payment/{system}/certificate-arn"

    assert asked - ASKS_NOTHING == ASKS.keys()  # what else asks must be allowed, too
    for one in asked & ASKS.keys():
        for action in ASKS[one]:
            resource = parameter if action.startswith("ssm:") else "*"
            assert may(action, resource, system=system), (one, action)


LATER = {
    "AWS::CloudWatch::Alarm",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}


def said(kind: str) -> set[str]:
    handlers = schema(kind)["handlers"].values()
    return {action for one in handlers for action in one.get("permissions", [])}


def test_nothing_is_left_out_in_vain() -> None:
    types = (everything() | LATER) - {STACK}
    actions = {action for kind in types for action in said(kind)}

    for pattern in LEFT_OUT:
        assert any(matches_action(pattern, one) for one in actions), pattern
    for kind, patterns in LEFT_OUT_OF.items():
        for pattern in patterns:
            assert any(matches_action(pattern, one) for one in said(kind)), (kind, pattern)
    assert actions >= NEEDED
    assert types | {STACK} >= UNSAID.keys()


def test_what_is_known_of_no_type_is_refused() -> None:
    with pytest.raises(LookupError):
        called(["Custom::Thing"])
    with pytest.raises(LookupError, match="nothing is said of"):
        knows_resources("ec2:TerminateInstances")


def test_every_form_is_that_of_an_action() -> None:
    actions = called(everything() | LATER)

    services = {action.partition(":")[0] for action in actions if knows_resources(action)}
    assert services == FORMS.keys()
