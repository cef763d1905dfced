"""Every command, run by those who have the shipped policies and no other right."""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name

from checks.permissions.__main__ import main as rights
from checks.permissions.deployment.commands import NEEDS, PIPELINE, Grant, granted
from delivery import removal
from delivery.aws import Aws
from delivery.cli import main
from delivery.errors import DeliveryError
from delivery.removal import Resource
from description.model import System
from localaws import LocalSession
from localaws.clients import loader
from localaws.deploy import make_certificate, push
from tests import principals
from tests.delivery.test_half_way import let, stop_half_way
from tests.integration.accounts import GATEWAY, SERVICES, become, bucket, loosen, prepare
from tests.integration.recorded import recording
from tests.systems_under_test import described

ROOT = Path(__file__).resolve().parents[2]
DOCKER = "#!/bin/sh\nexit 0\n"

NO_QUOTAS = "the local AWS has no quotas: tests/delivery/preflight/test_quotas.py"
NEVER_HERE = {
    "servicediscovery:DeregisterInstance": "no task runs here: tests/delivery/test_instances.py",
    "servicediscovery:GetOperation": "no task runs here: tests/delivery/test_instances.py",
    "build --upload": "build.py, not a command of deploy.sh: tests/test_build.py",
    "cloudformation:ContinueUpdateRollback": "what stopped half way: a test of its own",
    "cloudformation:RollbackStack": "what stopped half way: a test of its own",
    "cloudwatch:DescribeAlarms": "scaling policies have no alarms: nothing scales here",
    "ec2:DescribeAddresses": NO_QUOTAS,
    "ec2:DescribeVpcs": NO_QUOTAS,
    "elasticloadbalancing:DescribeLoadBalancerAttributes": "test_failed_first_creation",
    "elasticloadbalancing:ModifyLoadBalancerAttributes": "test_failed_first_creation",
    "cloudformation:DescribeEvents": "only where a change set fails without a resource's event",
    "ec2:DeleteSecurityGroup": "no GuardDuty here: tests/delivery/test_cli.py",
    "ec2:DeleteVpcEndpoints": "no GuardDuty here: tests/delivery/test_cli.py",
    "ecr:GetLifecyclePolicy": "only for repositories that are there already: tests/delivery",
    "ecs:DescribeTasks": "no task ever stopped: nothing runs on the local AWS",
    "s3:DeleteObjects": "development keeps no logs: the next test",
    "s3:ListObjectVersions": "development keeps no logs: the next test",
    "s3:PutBucketEncryption": "S3 encrypts each bucket by itself: tests/delivery/test_bucket.py",
    "servicequotas:GetAWSDefaultServiceQuota": NO_QUOTAS,
}
"""Commands and calls that no test of this module sees, and why. They are in the source."""


SELDOM = {
    ("rollback", "keep what production must not lose"): "in production, with --allow",
    ("check", "see what is in it"): "where a name is taken",
    ("deploy", "delete a stack"): "where a creation failed before",
    ("deploy", "see what is in it"): "where a name is taken, or a nested stack goes",
    ("diff", "see what is in it"): "where a nested stack has no template any more",
    ("plan", "see what is in it"): "where a name is taken, or a nested stack goes",
    ("rollback", "look for images"): "where what comes back has images",
    ("rollback", "make the role of ECS"): "where there is none",
    ("rollback", "see which keys secrets have"): "where what comes back has images",
    ("doctor", "know whose credentials these are"): "where the advice needs the account's number",
}
"""Commands and what they do in cases that are not here, and when."""


@pytest.fixture
def system() -> System:
    return described("gateway/development")


@pytest.fixture
def account(new_account: LocalSession, system: System) -> LocalSession:
    """An account with certificates and the role that CloudFormation acts with."""
    prepare(new_account, system)
    return new_account


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A docker that does nothing; returns a folder with one for each service."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for name in SERVICES:
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "Dockerfile").write_text("FROM scratch\n")
    return str(tmp_path / "services")


def test_a_person_runs_every_command_and_calls_what_is_said(
    account: LocalSession,
    system: System,
    docker: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = (account, system, bucket(account))
    become(principals.make(*place, "Person", "Emptying"), account, monkeypatch)
    role = ("--role-arn", principals.execution_role(account, system))

    with recording() as record:
        run = record.run
        assert run("bootstrap") == 0
        loosen(account)
        assert run("bootstrap") == 0
        assert run("plan", *GATEWAY, *role) == 0
        assert run("destroy", *GATEWAY, "--yes") == 0
        assert run("check", *GATEWAY) == 0
        assert run("deploy", *GATEWAY, *role) == 0
        assert run("plan", *GATEWAY) == 0  # an empty change set, which is deleted
        assert run("images", *GATEWAY, "--push", "v1", "--run", "--folder", docker) == 0
        for service in SERVICES:
            push(account, f"payment-{service}-dev")
        for name, secret in system.secrets.items():
            text = json.dumps(dict.fromkeys(secret.keys, "s3cr3t"))
            monkeypatch.setattr("sys.stdin", io.StringIO(text))
            assert run("secrets", *GATEWAY, "--set", name, "--stdin") == 0
        assert run("secrets", *GATEWAY) == 0
        images = [word for one in SERVICES for word in ("--image", f"{one}=local")]
        assert run("plan", *GATEWAY, *images) == 0
        assert run("check", *GATEWAY, *images) == 0
        assert run("deploy", *GATEWAY, *images) == 0
        assert run("diff", *GATEWAY, "--parameter", "LogRetentionDays=90") == 0
        for command in ("images", "outputs"):
            assert run(command, *GATEWAY) == 0
        for command in ("drift", "doctor"):
            assert run(command, *GATEWAY) in {0, 1}
        assert run("restart", *GATEWAY, "--yes") == 0
        assert run("rollback", *GATEWAY, "--yes") == 0
        assert "may not be" not in capsys.readouterr().err
        assert run("destroy", *GATEWAY, "--yes") == 0
        assert run("deploy", "gateway", "prod", *role) == 0
        longer = ("--parameter", "LogRetentionDays=731")
        assert run("deploy", "gateway", "prod", *role, *longer, "--allow", "Vpc") == 0

    assert "Access denied" not in capsys.readouterr().err
    said = {(command, call) for need in NEEDS for command in need.commands for call in need.calls}
    assert record.calls - said == set()
    seen = {call for _, call in record.calls}
    assert sorted({call for _, call in said} - seen - NEVER_HERE.keys()) == []
    missing = {
        (command, need.what)
        for need in NEEDS
        if not NEVER_HERE.keys() & set(need.calls)
        for command in set(need.commands) - NEVER_HERE.keys()
        if not {(command, call) for call in need.calls} & record.calls
    }
    assert missing == SELDOM.keys()


def test_a_person_goes_back_where_something_stopped_half_way(
    account: LocalSession,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stop_half_way(account)
    become(principals.make(account, system, bucket(account), "Person"), account, monkeypatch)

    with recording() as record:
        assert record.run("rollback", *GATEWAY, "--yes") == 1
        let(account, "*")
        assert record.run("rollback", *GATEWAY, "--yes") == 0

    assert "Access denied" not in capsys.readouterr().err
    cloudformation = {"ContinueUpdateRollback", "RollbackStack"}
    assert {("rollback", f"cloudformation:{one}") for one in cloudformation} <= record.calls


@pytest.mark.parametrize(
    ("policies", "may"), [(("Person", "Emptying"), True), (("Person",), False)]
)
def test_a_bucket_of_logs_is_emptied_with_a_policy_of_its_own(
    account: LocalSession, system: System, policies: tuple[str, ...], may: bool
) -> None:
    logs = f"gateway-dev-{account.account}-logbucket"
    s3 = account.client("s3")
    s3.create_bucket(Bucket=logs)
    s3.put_bucket_versioning(Bucket=logs, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=logs, Key="a", Body=body)
    who = principals.make(account, system, bucket(account), *policies)
    aws = Aws.over(who.boto_session(), account.endpoint_url)
    found = [Resource((), "LogBucket", "AWS::S3::Bucket", logs, retained=False)]

    if may:
        assert removal.empty(aws, found) == {"LogBucket": 2}
    else:
        with pytest.raises(DeliveryError, match="s3:ListBucketVersions"):
            removal.empty(aws, found)


def test_a_pipeline_deploys_and_may_neither_destroy_nor_read_secrets(
    account: LocalSession,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = bucket(account)
    account.client("s3").create_bucket(Bucket=name)
    become(principals.make(account, system, name, "Pipeline"), account, monkeypatch)
    role = ("--role-arn", principals.execution_role(account, system))

    with recording() as record:
        run = record.run
        assert run("check", *GATEWAY) == 0
        capsys.readouterr()
        assert run("plan", *GATEWAY, *role, "--json") == 0
        arn = json.loads(capsys.readouterr().out)["changeSet"]
        assert run("deploy", *GATEWAY, *role, "--change-set", arn) == 0
        images = []
        for service in SERVICES:
            push(account, f"payment-{service}-dev")
            images += ["--image", f"{service}=local"]
        capsys.readouterr()
        assert run("deploy", *GATEWAY, *images) == 1
        assert_names(capsys.readouterr().err, "cloudformation:CreateChangeSet", "stack/gateway-dev")
        assert run("deploy", *GATEWAY, *role, *images) == 0
        assert "not checked: secrets: " in capsys.readouterr().err
        for command in ("images", "outputs", "diff"):
            assert run(command, *GATEWAY) == 0
        for command in ("drift", "doctor"):
            assert run(command, *GATEWAY) in {0, 1}
        assert run("restart", *GATEWAY, *role, "--yes") == 0
        assert run("rollback", *GATEWAY, *role, "--yes") == 0
        capsys.readouterr()

        assert run("destroy", *GATEWAY, "--yes") == 1
        assert_names(capsys.readouterr().err, "cloudformation:DeleteStack", "stack/gateway-dev")
        monkeypatch.setattr("sys.stdin", io.StringIO('{"stripe_api_key": "sk-1"}'))
        assert run("secrets", *GATEWAY, "--set", "api-keys", "--stdin") == 1
        assert_names(capsys.readouterr().err, "secretsmanager:GetSecretValue", "payment-api-keys")
        assert run("deploy", "gateway", "prod", *role) == 0
        told = capsys.readouterr().err
        assert_names(told, "cloudformation:UpdateTerminationProtection", "stack/gateway-prod")
        assert "update-termination-protection --enable-termination-protection" in told

    said = {(c, call) for need in granted(Grant.ALL) for c in need.commands for call in need.calls}
    refused = {one for one in record.calls - said if one[0] in PIPELINE}
    assert refused <= {(c, call) for n in NEEDS if n.why for c in n.commands for call in n.calls}


def assert_names(told: str, action: str, resource: str) -> None:
    """A message names who, what, on what, and what comes next."""
    assert f"is not authorized to perform: {action} on resource: arn:aws:" in told
    assert resource in told
    assert ":user/pipeline-" in told


def operations() -> set[str]:
    """Every operation of the services that are called, as Python names it."""
    services = {call.partition(":")[0] for need in NEEDS for call in need.calls}
    names = {"elasticloadbalancing": "elbv2", "servicequotas": "service-quotas"}
    return {
        xform_name(operation)
        for service in services
        for operation in loader().load_service_model(names.get(service, service), "service-2")[
            "operations"
        ]
    }


def in_source() -> Iterator[str]:
    """Yield each attribute and each text in the source of commands that may be an operation."""
    for path in (ROOT / "delivery").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                    yield name


def test_every_call_in_the_source_is_said_and_what_is_said_is_in_the_source() -> None:
    said = {xform_name(call.partition(":")[2]) for need in NEEDS for call in need.calls}

    assert set(in_source()) & operations() == said


def test_the_template_that_is_printed_gives_a_pipeline_its_rights(
    new_account: LocalSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = bucket(new_account)
    new_account.client("s3").create_bucket(Bucket=name)
    make_certificate(new_account, "/payment/gateway/dev/certificate-arn")
    assert rights(["deployment-policy", "gateway"]) == 0
    cloudformation = new_account.client("cloudformation")
    cloudformation.create_stack(
        StackName="rights-gateway",
        TemplateBody=capsys.readouterr().out,
        Parameters=[{"ParameterKey": "TemplateBucket", "ParameterValue": name}],
        Capabilities=["CAPABILITY_IAM"],
    )
    wait = {"Delay": 0.05, "MaxAttempts": 200}
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="rights-gateway", WaiterConfig=wait)
    (stack,) = cloudformation.describe_stacks(StackName="rights-gateway")["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    attached = [arn for key, arn in outputs.items() if key.startswith("PipelinePolicy")]
    become(principals.attached(new_account, attached), new_account, monkeypatch)

    role = outputs["ExecutionRoleArn"]
    assert main(["deploy", *GATEWAY]) == 1
    assert "cloudformation:CreateChangeSet" in capsys.readouterr().err
    assert main(["deploy", *GATEWAY, "--role-arn", role]) == 0
