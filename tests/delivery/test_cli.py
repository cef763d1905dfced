import json
from pathlib import Path

import pytest

from delivery.cli import main
from localaws import LocalSession
from localaws.deploy import make_certificate
from tests.delivery.samples import DIGEST

SERVICES = ("api-gateway", "payment-processor", "fraud-detector")
IMAGES = [word for service in SERVICES for word in ("--image", f"{service}={DIGEST}")]


@pytest.fixture
def ready(project: Path, account: LocalSession, monkeypatch: pytest.MonkeyPatch) -> LocalSession:
    """An account with a bucket and a certificate, in reach of the command line."""
    for name in ("AWS_PROFILE", "REPOSITORY", "COMMIT_AUTHOR", "PR_NUMBER", "TEAM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"payment-stacks-{account.account}-{account.region}"
    account.client("s3").create_bucket(Bucket=bucket)
    file = json.loads((project / "parameters" / "gateway-dev.json").read_text())
    make_certificate(account, file["Parameters"]["CertificateArn"])
    return account


def test_deploy_carries_out_the_change_set_that_plan_has_shown(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudformation = ready.client("cloudformation")
    assert main(["plan", "gateway", "dev"]) == 0
    planned = capsys.readouterr()
    arn = planned.out.splitlines()[-1]
    assert "gateway-dev/Network " in planned.out
    assert "Carry it out with: ./deploy.sh deploy gateway dev\n" in planned.err
    status = cloudformation.describe_stacks(StackName="gateway-dev")["Stacks"][0]["StackStatus"]
    assert status == "REVIEW_IN_PROGRESS"

    executed: list[str] = []
    assert main(["plan", "gateway", "dev", "--json"]) == 0
    executed.append(json.loads(capsys.readouterr().out)["changeSet"])
    assert main(["deploy", "gateway", "dev"]) == 0
    assert executed == [arn]
    change_set = cloudformation.describe_change_set(ChangeSetName=arn)
    assert change_set["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_outputs_are_all_that_deploy_prints_on_stdout(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "gateway", "dev", *IMAGES, "--json"]) == 0
    first = capsys.readouterr()
    outputs = json.loads(first.out)
    assert outputs["ApiGatewayServiceName"] == "api-gateway-dev"

    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    again = capsys.readouterr()
    assert "gateway-dev: no changes\n" in again.err
    assert dict(line.split(maxsplit=1) for line in again.out.splitlines()) == outputs

    assert main(["outputs", "gateway", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == outputs
    tags = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"][0]
    assert {"Environment", "Team", "CreatedAt"} <= {tag["Key"] for tag in tags["Tags"]}


def test_services_that_lack_an_image_come_with_the_next_command(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev", "--image", f"fraud-detector={DIGEST}"]) == 0
    assert (
        "Push it, then: ./deploy.sh deploy gateway dev "
        f"--image fraud-detector={DIGEST} "
        "--image api-gateway=sha256:… --image payment-processor=sha256:…\n"
    ) in capsys.readouterr().err


def test_destroy_wants_to_be_sure(ready: LocalSession, capsys: pytest.CaptureFixture[str]) -> None:
    del ready
    assert main(["deploy", "gateway", "dev"]) == 0
    assert main(["destroy", "gateway", "dev"]) == 2
    assert "Give --yes" in capsys.readouterr().err
    assert main(["outputs", "gateway", "dev"]) == 0
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    assert main(["outputs", "gateway", "dev"]) == 1
    assert "There is no stack gateway-dev in us-east-1" in capsys.readouterr().err
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0


def test_a_stack_that_was_only_planned_can_be_destroyed(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "gateway", "dev"]) == 0
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    assert "0 resources will be deleted" in capsys.readouterr().err
    assert ready.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_protected_load_balancer_is_told_before_anything_is_deleted(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["deploy", "gateway", "dev", *IMAGES, "--parameter", "DeletionProtection=true"]
    assert main(words) == 0
    assert main(["destroy", "gateway", "dev", "--yes"]) == 1
    assert "--parameter DeletionProtection=false" in capsys.readouterr().err
    stacks = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    assert stacks[0]["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "gate", "dev"], "There is no system gate in"),
        (["plan", "gateway", "qa"], "gateway-qa.json: No such file"),
        (["plan", "gateway", "dev", "--image", "api=x"], "there is no service api"),
        (["plan", "gateway", "dev", "--parameter", "X"], "--parameter X: must be KEY=VALUE"),
        (["plan", "gateway", "dev", "--parameter", "X=1"], "there is no parameter X"),
        (["plan", "gateway", "dev", "--parameter", "LogRetentionDays=31"], "'31' must be one of"),
        (["plan", "gateway", "dev", "--tag", "a=<"], "Tag a=<"),
    ],
)
def test_bad_input_is_told_in_one_line(
    ready: LocalSession, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert told in said.err
    bucket = f"payment-stacks-{ready.account}-{ready.region}"
    assert ready.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_what_the_build_finds_stops_a_deployment(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del ready
    (project / "parameters" / "gateway-prod.json").write_text('{"Parameters": {"Wrong": "1"}}')
    assert main(["deploy", "gateway", "dev"]) == 2
    said = capsys.readouterr()
    assert "The build finds mistakes, nothing is sent:\n" in said.err
    assert "parameters/gateway-prod.json" in said.err


@pytest.mark.parametrize("command", ["plan", "deploy", "outputs", "destroy"])
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert f"example: ./deploy.sh {command} gateway dev" in capsys.readouterr().out
