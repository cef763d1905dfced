"""One permission is taken away from a person, and a command that needs it is run."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from checks.permissions.deployment.commands import NEEDS
from checks.permissions.deployment.handlers import called_by
from checks.rendering import STACK
from delivery.cli import main
from delivery.errors import DeliveryError
from description.model import System
from localaws import LocalAws, LocalSession
from localaws.deploy import deploy
from tests import principals
from tests.integration.accounts import GATEWAY, become, bucket, loosen, prepare
from tests.integration.conftest import NewSite
from tests.integration.deployed import digests
from tests.integration.test_rights import NEVER_HERE
from tests.systems_under_test import described, rendered

CHANGED = ("--parameter", "LogRetentionDays=60")
WORDS = {
    "bootstrap": (),
    "check": GATEWAY,
    "deploy": (*GATEWAY, *CHANGED),
    "destroy": (*GATEWAY, "--yes"),
    "diff": (*GATEWAY, *CHANGED),
    "doctor": GATEWAY,
    "drift": GATEWAY,
    "images": GATEWAY,
    "outputs": GATEWAY,
    "plan": (*GATEWAY, *CHANGED),
    "restart": (*GATEWAY, "--yes"),
    "rollback": (*GATEWAY, "--yes"),
    "secrets": GATEWAY,
}
"""How each command is run."""

OTHERWISE = {
    "cloudformation:DeleteStack": ("destroy", WORDS["destroy"]),
    "cloudformation:GetTemplate": ("diff", WORDS["diff"]),
    "cloudformation:ListStackResources": ("drift", GATEWAY),
    "elasticloadbalancing:DescribeLoadBalancers": ("doctor", GATEWAY),
    "cloudformation:DeleteChangeSet": ("plan", GATEWAY),  # it would change nothing, and goes
    "secretsmanager:BatchGetSecretValue": ("secrets", GATEWAY),
    "secretsmanager:GetSecretValue": ("secrets", (*GATEWAY, "--set", "api-keys", "--stdin")),
    "secretsmanager:PutSecretValue": ("secrets", (*GATEWAY, "--set", "api-keys", "--stdin")),
}
"""Actions that another command line needs."""

TOLERATED = {
    "look up the certificate",
    "look for the role of ECS",
    "look for images",
    "look for names that are taken",
    "look at services and tasks",
    "look at scaling",
    "look at the ways to services",
    "look for what others have put into the VPC that goes",
    "compare with quotas",
    "protect production from deletion",
}
"""Needs without which a command goes on, and says what it does not know."""

ITS_ROLES = "ssm:GetParameters"
"""What the local AWS asks of the stack's role only, when it makes a change set."""

NOT_ASKED = {
    "ec2:DescribeAvailabilityZones": "only before a first deployment: tests/delivery/preflight",
    "route53:ChangeResourceRecordSets": "Cloud Map asks for it: no task runs here",
    "servicediscovery:DeregisterInstance": "no task runs here",
    "servicediscovery:GetOperation": "no task runs here",
    **NEVER_HERE,
    "cloudformation:BatchDescribeTypeConfigurations": "AWS asks about it for drift",
    "cloudformation:DetectStackResourceDrift": "AWS asks about it for drift",
    "cloudformation:ListChangeSets": "only of a stack that was never deployed",
    "cloudformation:GetStackPolicy": "only in production: test_rights",
    "cloudformation:SetStackPolicy": "only in production: test_rights",
    "cloudformation:UpdateTerminationProtection": "only in production: test_rights",
    "ec2:DeleteSecurityGroup": "only where GuardDuty made one: tests/delivery/test_cli.py",
    "ec2:DeleteVpcEndpoints": "only where GuardDuty made one: tests/delivery/test_cli.py",
    "ecr:GetAuthorizationToken": "with docker only: tests/delivery/test_images.py",
    "iam:CreateServiceLinkedRole": "only where there is none: tests/delivery/preflight",
    "kms:Decrypt": "the secrets of development have a key of AWS's own",
    "kms:GenerateDataKey": "the secrets of development have a key of AWS's own",
    "s3:DeleteObject": "test_rights",
    "s3:DeleteObjectVersion": "test_rights",
    "s3:ListBucketVersions": "test_rights",
    "s3:PutEncryptionConfiguration": "S3 encrypts each bucket by itself",
    "servicequotas:GetServiceQuota": "the local AWS has no quotas",
}
"""Actions that nothing here asks about, and why."""

ALWAYS = {
    "bootstrap s3:PutBucketPolicy",
    "check acm:DescribeCertificate",
    "deploy cloudformation:ExecuteChangeSet",
    "destroy cloudformation:DeleteStack",
    "doctor ecs:DescribeServices",
    "plan iam:PassRole",
    "plan s3:PutObject",
    "secrets secretsmanager:PutSecretValue",
}
"""What is tried in each run of the tests; the others are slow, all together."""

PREFERRED = ("check", "plan", "deploy", "rollback", "destroy", "drift", "doctor", "images")


def cases() -> Iterator[Any]:
    """Yield an action, a command that needs it, and whether that stops without."""
    seen = set()
    for need in NEEDS:
        for action in need.actions:
            # What docker calls is not ours.
            if action in NOT_ASKED or action in seen or need.what == "push images":
                continue
            seen.add(action)
            first = next(one for one in [*PREFERRED, *WORDS] if one in need.commands)
            command, words = OTHERWISE.get(action, (first, WORDS[first]))
            stops = command != "doctor" and need.what not in TOLERATED and action != ITS_ROLES
            name = f"{command} {action}"
            marks = () if name in ALWAYS else pytest.mark.slow(reason="many commands")
            yield pytest.param(action, (command, *words), stops, id=name, marks=marks)


def test_what_is_always_tried_and_what_never_is_are_there() -> None:
    actions = {action for need in NEEDS for action in need.actions}
    calls = {call for need in NEEDS for call in need.calls}
    commands = {command for need in NEEDS for command in need.commands}

    assert {str(one.id) for one in cases()} >= ALWAYS
    assert actions | calls | commands >= NOT_ASKED.keys()
    assert {need.what for need in NEEDS} >= TOLERATED
    assert set(LACKING) >= FEW


@pytest.fixture(scope="session")
def system() -> System:
    return described("gateway/development")


@pytest.fixture(scope="session")
def deployed(local_aws: LocalAws, system: System) -> LocalSession:
    """An account in which the gateway runs; nothing that is tried here changes it."""
    session = local_aws.session(account="500000000001")
    prepare(session, system)
    deploy("gateway", session, Console(file=io.StringIO()))
    return session


def state(session: LocalSession) -> list[Any]:
    """Return what must stay as it is."""
    (stack,) = session.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    manager = session.client("secretsmanager")
    secret = manager.get_secret_value(SecretId="payment-api-keys-dev")["VersionId"]
    return [stack["StackStatus"], stack.get("LastUpdatedTime"), stack["Parameters"], secret]


@pytest.mark.parametrize(("action", "words", "stops"), list(cases()))
def test_a_missing_permission_is_named_and_nothing_is_half_done(
    action: str,
    words: tuple[str, ...],
    stops: bool,
    system: System,
    deployed: LocalSession,
    new_account: LocalSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = deployed if words[0] != "bootstrap" else new_account
    if words[0] == "bootstrap" and action != "s3:CreateBucket":
        session.client("s3").create_bucket(Bucket=bucket(session))
        loosen(session)
    if action == "s3:PutObject":
        forget_templates(session)
    if words[0] in ("plan", "deploy"):
        words = (*words, "--role-arn", principals.execution_role(session, system))
    # What destroy goes on without must not let it destroy.
    without = {action, "cloudformation:DeleteStack"} if words[0] == "destroy" else {action}
    who = principals.make(session, system, bucket(session), "Person", "Emptying", without=without)
    become(who, session, monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"stripe_api_key": "sk-1"})))
    before = state(deployed)

    code = main(list(words))

    told = "".join(capsys.readouterr())
    assert action in told
    if action != "s3:ListBucket":  # what S3 answers to HEAD has no body
        assert who.name in told
    if stops:
        assert code == 1
        assert "docs/rights.md" in told
    elif words[0] not in ("doctor", "destroy"):
        assert code == 0
    assert state(deployed) == before


def forget_templates(session: LocalSession) -> None:
    """Delete what is in the bucket, so that it has to be sent again."""
    s3 = session.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket(session), Prefix="templates/gateway/")
    for one in listed.get("Contents", ()):
        s3.delete_object(Bucket=bucket(session), Key=one["Key"])


TYPES = {
    resource["Type"]
    for one in rendered("gateway/development").templates.values()
    for resource in one["Resources"].values()
}
LACKING = sorted({action for kind in TYPES - {STACK} for action in called_by(kind, "create")})
FEW = {"ecr:CreateRepository", "ecs:RegisterTaskDefinition"}


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(one, marks=() if one in FEW else pytest.mark.slow(reason="many deployments"))
        for one in LACKING
    ],
)
def test_what_the_role_of_cloudformation_lacks_is_the_cause_that_is_told(
    action: str, new_site: NewSite
) -> None:
    site = new_site("gateway/development")
    principals.give_execution_role(site.session, site.system, site.bucket, {action})

    with pytest.raises(DeliveryError) as failure:
        site.deploy(digests(site.system))

    told = str(failure.value)
    role = f"assumed-role/{principals.role_name(site.system)}/AWSCloudFormation"
    assert f"{role} is not authorized to perform: {action} on resource: " in told
    assert f"The role that CloudFormation acts with lacks {action}: deploy the template" in told
    assert "Embedded stack" not in told
    assert "is now in ROLLBACK_COMPLETE: nothing of it runs." in told
    assert site.resources() == {}


def test_a_repository_of_another_name_is_out_of_reach_of_the_role(new_site: NewSite) -> None:
    site = new_site("gateway/development")
    stranger = described("marketplace")
    documents = principals.documents(site.session, stranger, site.bucket, "Execution")
    for name, text in documents.items():
        site.client("iam").put_role_policy(
            RoleName=principals.role_name(site.system), PolicyName=name, PolicyDocument=text
        )

    with pytest.raises(
        DeliveryError, match=r"not authorized to perform: \S+ on resource: arn:aws:"
    ):
        site.deploy()
