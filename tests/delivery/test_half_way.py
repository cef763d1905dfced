"""What stopped half way is brought to its end by ``./deploy.sh rollback``, and by nothing else."""

import json
import time
from typing import Any

import pytest

from delivery.cli import main
from localaws import LocalSession
from tests.delivery.samples import log_group
from tests.delivery.test_cli import Terminal

ROLLBACK = ["rollback", "gateway", "dev"]
SUBNET = {"SubnetId": "subnet-00000000", "ConnectivityType": "private"}
BROKEN = {"Type": "AWS::EC2::NatGateway", "Properties": SUBNET, "DependsOn": "Logs"}


ROLE = "changes-log-groups"


def stop_half_way(session: LocalSession) -> None:
    """Make the stack of the gateway, and an update of it that stops after it has changed a log
    group. Then take the right to change it back from CloudFormation's role.
    """
    api = session.client("cloudformation")
    trust: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust["Principal"] = {"Service": "cloudformation.amazonaws.com"}
    role = session.client("iam").create_role(
        RoleName=ROLE,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    let(session, "*")
    suffix = {"EnvironmentSuffix": {"Type": "String", "Default": "dev"}}

    def body(days: int, **more: Any) -> str:
        resources = {"Logs": log_group("/what/changes", days), **more}
        return json.dumps({"Parameters": suffix, "Resources": resources})

    api.create_stack(StackName="gateway-dev", TemplateBody=body(7), RoleARN=role)
    api.get_waiter("stack_create_complete").wait(StackName="gateway-dev")
    update = body(30, Broken=BROKEN)
    api.update_stack(StackName="gateway-dev", TemplateBody=update, DisableRollback=True)
    while status(session) == "UPDATE_IN_PROGRESS":
        time.sleep(0.05)
    assert status(session) == "UPDATE_FAILED"
    let(session, "logs:DescribeLogGroups")


def let(session: LocalSession, action: str) -> None:
    """Let CloudFormation's role do something, and nothing else."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    session.client("iam").put_role_policy(RoleName=ROLE, PolicyName="it", PolicyDocument=policy)


def status(session: LocalSession) -> str:
    (stack,) = session.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    return str(stack["StackStatus"])


@pytest.fixture
def stopped(ready: LocalSession) -> LocalSession:
    stop_half_way(ready)
    return ready


def test_what_stopped_half_way_goes_back_in_two_attempts(
    stopped: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "gateway", "dev"]) == 1
    said = capsys.readouterr().err
    assert "gateway-dev is in UPDATE_FAILED: its last update stopped half way. " in said
    assert "Return to what ran before with: ./deploy.sh rollback gateway dev --region" in said

    assert main([*ROLLBACK, "--yes"]) == 1
    said = capsys.readouterr().err
    assert "gateway-dev/Logs (AWS::Logs::LogGroup) failed: " in said
    assert "Stack gateway-dev is now in UPDATE_ROLLBACK_FAILED: its last rollback stopped " in said
    assert "go on with: ./deploy.sh rollback gateway dev --region us-east-1" in said
    assert status(stopped) == "UPDATE_ROLLBACK_FAILED"

    let(stopped, "*")
    assert main([*ROLLBACK, "--yes"]) == 0
    assert "gateway-dev: what ran before is back" in capsys.readouterr().err
    assert status(stopped) == "UPDATE_ROLLBACK_COMPLETE"


def test_going_back_is_confirmed_by_name(
    stopped: LocalSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(ROLLBACK) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "gateway-dev is in UPDATE_FAILED: its last update stopped half way\n" in said.err
    assert said.err.endswith("with: ./deploy.sh rollback gateway dev --yes\n")
    monkeypatch.setattr("sys.stdin", Terminal("gateway-prod\n"))
    assert main(ROLLBACK) == 2
    assert status(stopped) == "UPDATE_FAILED"

    let(stopped, "*")
    monkeypatch.setattr("sys.stdin", Terminal("gateway-dev\n"))
    assert main(ROLLBACK) == 0
    assert status(stopped) == "UPDATE_ROLLBACK_COMPLETE"
