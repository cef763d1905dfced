"""A first creation of production that fails, and the way out: what docs/deploy.md says."""

import shlex

import pytest
from botocore import xform_name

from checks.permissions.deployment.commands import NEEDS
from delivery.cli import main
from localaws import LocalSession
from tests import principals
from tests.delivery.samples import IMAGES
from tests.integration.accounts import become, bucket, prepare
from tests.integration.recorded import recording
from tests.systems_under_test import described

PROD = ("gateway", "prod")
SKIPPED = ("--skip-check", "images", "--skip-check", "secrets")
"""Checks that would stop a deployment of images before there are repositories."""


def obey(session: LocalSession, command: str) -> None:
    """Do what a command of the aws CLI does, as an administrator."""
    aws, service, operation, *options = shlex.split(command)
    assert aws == "aws"
    api = session.client(service)
    members = api.meta.service_model.operation_model(
        next(one for one in api.meta.service_model.operation_names if cli(one) == operation)
    ).input_shape.members
    known = {f"--{cli(name)}": name for name in members}
    words = iter(options)
    given = {
        known[word]: members[known[word]].type_name == "boolean" or next(words)
        for word in words
        if word in known or not next(words)
    }
    getattr(api, operation.replace("-", "_"))(**given)


def cli(name: str) -> str:
    """Return the name of an operation or a member as the aws CLI has it."""
    return xform_name(name, "-")


@pytest.fixture
def admin(new_account: LocalSession, monkeypatch: pytest.MonkeyPatch) -> LocalSession:
    """An account in which a person with the shipped policies runs commands."""
    system = described("gateway/development")
    prepare(new_account, system)
    new_account.client("s3").create_bucket(Bucket=bucket(new_account))
    person = principals.make(new_account, system, bucket(new_account), "Person")
    become(person, new_account, monkeypatch)
    return new_account


@pytest.mark.slow(reason="three deployments each")
@pytest.mark.parametrize(
    ("lacking", "images"),
    [("wafv2:CreateWebACL", []), ("ecs:CreateService", [*IMAGES, *SKIPPED])],
)
def test_documented_commands_lead_from_a_failed_creation_to_a_good_one(
    lacking: str, images: list[str], admin: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation's role lacks what it takes to make something that waits for much else."""
    system = described("gateway/development")
    role = principals.execution_role(admin, system)
    deploy = ["deploy", *PROD, "--role-arn", role, *images]
    principals.give_execution_role(admin, system, bucket(admin), {lacking})

    assert main(deploy) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    destroy = "./deploy.sh destroy gateway prod --region us-east-1"
    assert f"is not authorized to perform: {lacking} on resource: " in told
    assert f"the next attempt: {destroy} says how to remove it. Not rolled back: " in told
    assert "Stack gateway-prod is now in ROLLBACK_FAILED: its creation failed, " in told
    assert told.endswith(f"Remove what is left with: {destroy}")
    assert main(["check", *PROD]) == 1
    assert f"Remove what is left with: {destroy}\n" in capsys.readouterr().out
    assert main(["doctor", *PROD]) == 1
    assert f"Remove what is left with: {destroy}. Then " in capsys.readouterr().err

    with recording() as record:
        assert record.run("destroy", *PROD, "--yes") == 0
    assert record.calls <= {(c, call) for n in NEEDS for c in n.commands for call in n.calls}
    said = capsys.readouterr()
    assert "loses its protection first: LoadBalancer arn:aws:elasticloadbalancing:" in said.err
    assert not admin.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert "will be deleted, 1 stay\n  stays: LogBucket AWS::S3::Bucket gateway-prod-" in said.err
    for command in said.out.splitlines():
        obey(admin, command)
    for key in admin.client("kms").list_keys()["Keys"]:
        found = admin.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        assert found["KeyState"] == "PendingDeletion"

    principals.give_execution_role(admin, system, bucket(admin))
    assert main(deploy) == 0
    assert "AlbDnsName" in capsys.readouterr().out
