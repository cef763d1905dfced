import io
import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.build import build
from delivery import deployment, progress
from delivery.arguments import COMMANDS
from delivery.cli import main
from delivery.deployment import Order, Place, Review
from delivery.stacks import Stack
from localaws import LocalSession
from localaws.deploy import make_certificate
from tests.delivery.samples import DIGEST, IMAGES, OTHER_DIGEST, SERVICES


class Terminal(io.StringIO):
    """A terminal on which ``typed`` was typed; nothing typed ends it, as Ctrl-D does."""

    def isatty(self) -> bool:
        return True


class InterruptedTerminal(Terminal):
    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as typeshed has it
        del size
        raise KeyboardInterrupt


def test_deploy_carries_out_the_change_set_that_plan_has_shown(
    ready: LocalSession, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cloudformation = ready.client("cloudformation")
    comment = tmp_path / "plan.md"
    assert main(["plan", "gateway", "dev", "--markdown", str(comment)]) == 0
    planned = capsys.readouterr()
    arn = planned.out.splitlines()[-1]
    command = f"./deploy.sh deploy gateway dev --change-set {arn}"
    assert "gateway-dev/Network " in planned.out
    assert f"Carry it out with: {command}\n" in planned.err
    assert comment.read_text().startswith("### `gateway-dev`: ")
    assert comment.read_text().endswith(f"```bash\n{command}\n```\n")
    status = cloudformation.describe_stacks(StackName="gateway-dev")["Stacks"][0]["StackStatus"]
    assert status == "REVIEW_IN_PROGRESS"

    assert main(["plan", "gateway", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changeSet"] == arn
    assert main(["deploy", "gateway", "dev", "--change-set", arn]) == 0
    change_set = cloudformation.describe_change_set(ChangeSetName=arn)
    assert change_set["ExecutionStatus"] == "EXECUTE_COMPLETE"
    capsys.readouterr()

    assert main(["plan", "gateway", "dev", "--markdown", str(comment)]) == 0
    assert capsys.readouterr().out == ""
    assert comment.read_text() == "### `gateway-dev`: no changes\n"


def test_check_tells_everything_that_stands_in_the_way(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "gateway", "dev"]) == 0
    assert capsys.readouterr().err == "gateway-dev: nothing in the way of a deployment\n"

    ready.client("ssm").delete_parameter(Name="/payment/gateway/dev/certificate-arn")
    ready.client("logs").create_log_group(logGroupName="/ecs/payment-api-gateway-dev")
    assert main(["check", "gateway", "dev", *IMAGES, "--json"]) == 1
    checked = capsys.readouterr()
    found = [one for one in json.loads(checked.out) if one["state"] == "problem"]
    assert [one["check"] for one in found] == ["certificate", "names"]
    assert checked.err == "gateway-dev: 2 in the way of a deployment\n"

    assert main(["deploy", "gateway", "dev", *IMAGES]) == 1
    told = capsys.readouterr().err
    assert all(one["message"] in told for one in found)
    assert ready.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_what_a_change_set_would_make_is_checked_though_only_plan_was_told_the_images(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "gateway", "dev", *IMAGES]) == 0
    arn = capsys.readouterr().out.splitlines()[-1]
    logs, group = ready.client("logs"), "/ecs/payment-api-gateway-dev"
    logs.create_log_group(logGroupName=group)
    assert main(["deploy", "gateway", "dev", "--change-set", arn]) == 1
    assert f"aws logs delete-log-group --log-group-name {group}" in capsys.readouterr().err
    logs.delete_log_group(logGroupName=group)
    assert main(["deploy", "gateway", "dev", "--change-set", arn]) == 0


def test_deploy_alone_carries_out_what_plan_has_made(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "gateway", "dev"]) == 0
    arn = capsys.readouterr().out.splitlines()[-1]
    assert main(["deploy", "gateway", "dev"]) == 0
    change_set = ready.client("cloudformation").describe_change_set(ChangeSetName=arn)
    assert change_set["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_a_new_image_is_told_as_the_property_that_changes(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    capsys.readouterr()
    assert main(["plan", "gateway", "dev", "--image", f"api-gateway={OTHER_DIGEST}", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    (image,) = (c for c in changes if c["address"] == "ApiGatewayService/TaskDefinition")
    (cause,) = image["causes"]
    assert (image["replacement"], image["risk"], cause["replaces"]) == ("yes", "low", "yes")
    assert cause["property"] == "ContainerDefinitions/api-gateway/Image"
    assert cause["before"].endswith(f"@{DIGEST}")
    assert cause["after"].endswith(f"@{OTHER_DIGEST}")
    (service,) = (c for c in changes if c["address"] == "ApiGatewayService/Service")
    assert {cause["property"] for cause in service["causes"]} == {"TaskDefinition"}


@pytest.mark.slow(reason="several deployments, one after the other")
def test_what_the_policy_refuses_is_planned_and_not_carried_out(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    (project / "policy.yaml").write_text(
        "rules: [{id: audit, types: [AWS::Logs::*], actions: [modify], risk: access, "
        "reason: ask the auditor, refuse: [production, development]}]"
    )
    capsys.readouterr()
    shorter = ["gateway", "dev", "--parameter", "LogRetentionDays=60"]
    assert main(["plan", *shorter, "--json"]) == 3
    planned = json.loads(capsys.readouterr().out)
    refused = {c["address"] for c in planned["changes"] if c["refusedBy"] == "audit"}
    assert len(refused) == len(SERVICES)

    assert main(["deploy", *shorter]) == 3
    assert "modified: ask the auditor (rule audit)" in capsys.readouterr().err
    stack = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    allowed = [word for address in sorted(refused) for word in ("--allow", address)]
    assert main(["deploy", *shorter, *allowed[2:]]) == 3
    assert main(["deploy", *shorter, *allowed, "--change-set", planned["changeSet"]]) == 0


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


def test_the_names_of_secrets_are_told_as_they_are(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal library may take ``:secret:`` in an ARN for the name of a picture."""
    description = project / "systems" / "gateway.yaml"
    text = description.read_text()
    description.write_text(f"{text}\nremoval_policy: retain\n")
    assert main(["deploy", "gateway", "dev"]) == 0
    capsys.readouterr()
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    stays = f"arn:aws:secretsmanager:us-east-1:{ready.account}:secret:payment-api-keys-dev-"
    assert stays in capsys.readouterr().err


def test_no_credential_of_the_environment_is_in_what_is_ordered(
    ready: LocalSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ready
    ordered: list[Order] = []
    plan = deployment.plan

    def listening(place: Place, order: Order, stack: Stack | None) -> Review:
        ordered.append(order)
        return plan(place, order, stack)

    monkeypatch.setattr(deployment, "plan", listening)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody-may-read-this")
    monkeypatch.setenv("TEAM", "core")
    assert main(["plan", "gateway", "dev"]) == 0
    assert "nobody-may-read-this" not in repr(ordered)
    assert ordered[0].ci == {"TEAM": "core"}


def test_a_pipeline_deploys_with_the_tags_as_they_are(
    at_home: LocalSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del at_home
    monkeypatch.setenv("COMMIT_AUTHOR", "Ben")
    assert main(["plan", "gateway", "dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"]
    assert main(["plan", "gateway", "dev", "--keep-tags"]) == 0
    assert capsys.readouterr().err.endswith("gateway-dev: no changes\n")


def test_tags_are_given_or_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["deploy", "gateway", "dev", "--keep-tags", "--tag", "a=b"])
    assert ended.value.code == 2
    assert "--tag: not allowed with argument --keep-tags" in capsys.readouterr().err


def test_services_that_lack_an_image_come_with_the_next_command(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev", "--image", f"fraud-detector={DIGEST}"]) == 0
    assert (
        "Push them, then: ./deploy.sh deploy gateway dev "
        f"--image fraud-detector={DIGEST} "
        "--image api-gateway=sha256:… --image payment-processor=sha256:…\n"
    ) in capsys.readouterr().err
    assert main(["deploy", "gateway", "dev", *IMAGES[:2], *IMAGES[4:]]) == 0
    assert (
        "No image is known for payment-processor: left out until there is one. Push it, then: "
    ) in capsys.readouterr().err


def settle_in(ec2: Any) -> tuple[str, str, str]:
    """Put a group of ours, and an endpoint and a group as GuardDuty's, into the stack's VPC."""
    (vpc,) = (one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"])
    (subnet, *_) = (s["SubnetId"] for s in ec2.describe_subnets()["Subnets"] if s["VpcId"] == vpc)
    tags = [{"Key": "GuardDutyManaged", "Value": "true"}]
    mine = ec2.create_security_group(GroupName="mine", Description="mine", VpcId=vpc)["GroupId"]
    group = ec2.create_security_group(
        GroupName="GuardDutyManagedSecurityGroup",
        Description="GuardDuty's",
        VpcId=vpc,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )["GroupId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.guardduty-data",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
    )["VpcEndpoint"]["VpcEndpointId"]
    return mine, endpoint, group


def test_destroy_wants_to_be_sure_and_clears_the_vpc(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "gateway", "dev"]) == 0
    assert main(["destroy", "gateway", "dev"]) == 2
    assert "Give --yes" in capsys.readouterr().err
    assert main(["outputs", "gateway", "dev"]) == 0

    mine, endpoint, group = settle_in(ready.client("ec2"))
    assert main(["destroy", "gateway", "dev", "--yes", "--region", "us-east-1"]) == 1
    said = capsys.readouterr().err
    assert "cannot go before what others have put into it, and nothing was deleted: security " in (
        said
    )
    assert said.endswith(f"aws ec2 delete-security-group --group-id {mine} --region us-east-1\n")
    ready.client("ec2").delete_security_group(GroupId=mine)
    assert main(["destroy", "gateway", "dev"]) == 2
    said = capsys.readouterr().err
    service = "com.amazonaws.us-east-1.guardduty-data"
    first = "  is removed first, GuardDuty made it for this VPC: "
    assert f"{first}VPC endpoint {endpoint} ({service})\n" in said
    assert f"{first}security group {group} (GuardDutyManagedSecurityGroup)\n" in said

    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    assert main(["outputs", "gateway", "dev"]) == 1
    assert "There is no stack gateway-dev in us-east-1" in capsys.readouterr().err
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0


@pytest.mark.parametrize(
    ("terminal", "code", "told"),
    [
        (Terminal("gateway-prod\n"), 2, "That is not its name: nothing was changed."),
        (Terminal(), 2, "That is not its name: nothing was changed."),
        (InterruptedTerminal(), 130, "Interrupted."),
    ],
    ids=["another name", "Ctrl-D", "Ctrl-C"],
)
def test_nothing_goes_unless_the_name_is_given(
    ready: LocalSession,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: Terminal,
    code: int,
    told: str,
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev"]) == 0
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["destroy", "gateway", "dev"]) == code
    assert capsys.readouterr().err.endswith(f"{told}\n")
    assert main(["outputs", "gateway", "dev"]) == 0


def test_a_person_who_deploys_to_production_without_a_review_is_asked(
    project: Path,
    ready: LocalSession,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = json.loads((project / "parameters" / "gateway-prod.json").read_text())
    make_certificate(ready, file["Parameters"]["CertificateArn"])
    deploy = ["deploy", "gateway", "prod"]
    monkeypatch.setattr("sys.stdin", Terminal("gateway-dev\n"))
    assert main(deploy) == 2
    assert "Type the stack's name to carry it out (gateway-prod): " in capsys.readouterr().err
    (stack,) = ready.client("cloudformation").describe_stacks(StackName="gateway-prod")["Stacks"]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    monkeypatch.setattr("sys.stdin", Terminal("gateway-prod\n"))
    assert main(deploy) == 0

    monkeypatch.setattr("sys.stdin", Terminal())
    longer = [*deploy, "--parameter", "LogRetentionDays=731"]
    assert main(longer) == 2
    assert main([*longer, "--yes"]) == 0


def test_a_stack_goes_when_its_name_is_given(
    ready: LocalSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["deploy", "gateway", "dev"]) == 0
    monkeypatch.setattr("sys.stdin", Terminal("gateway-dev\n"))
    assert main(["destroy", "gateway", "dev"]) == 0
    assert ready.client("cloudformation").describe_stacks()["Stacks"] == []


def test_who_stops_watching_learns_that_aws_goes_on(
    ready: LocalSession, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "show", interrupted)
    assert main(["deploy", "gateway", "dev"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Interrupted. AWS goes on with gateway-dev: the repeated command follows that to its end."
    )
    stacks = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    assert stacks[0]["StackStatus"].startswith("CREATE_")


@pytest.mark.parametrize("command", ["outputs", "destroy"])
def test_a_system_that_nobody_described_is_a_slip_unless_its_stack_is_there(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    del ready
    assert main([command, "gatway", "dev"]) == 2
    assert "There is no system gatway in" in (said := capsys.readouterr().err)
    assert "Did you mean gateway?" in said
    assert main(["plan", "gateway", "dev"]) == 0
    (project / "systems" / "gateway.yaml").unlink()
    assert main([command, "gateway", "dev", *(["--yes"] if command == "destroy" else [])]) == 0


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
    assert main(["destroy", "gateway", "dev", "--yes", "--region", "us-east-1"]) == 1
    assert capsys.readouterr().err.endswith(
        ": ./deploy.sh deploy gateway dev --region us-east-1 --parameter DeletionProtection=false\n"
    )
    stacks = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    assert stacks[0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_deletion_that_stopped_at_a_protected_load_balancer_is_finished(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "gateway", "dev", "--parameter", "DeletionProtection=true"]) == 0
    capsys.readouterr()
    api = ready.client("cloudformation")
    api.delete_stack(StackName="gateway-dev")
    assert main(["destroy", "gateway", "dev", "--yes"]) == 1
    assert "is now in DELETE_FAILED" in capsys.readouterr().err

    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    said = capsys.readouterr()
    assert "  loses its protection first: LoadBalancer arn:aws:elastic" in said.err
    assert said.out == ""
    assert api.describe_stacks()["Stacks"] == []


def test_a_deletion_that_fails_is_a_failure_and_names_its_cause(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cluster stays while somebody else's service is in it."""
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    ecs = ready.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    task = ecs.list_task_definitions()["taskDefinitionArns"][0]
    ecs.create_service(cluster=cluster, serviceName="x", taskDefinition=task, desiredCount=0)
    assert main(["destroy", "gateway", "dev", "--yes"]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("gateway-dev/Services/Cluster (AWS::ECS::Cluster) failed: ")
    assert "Stack gateway-dev is now in DELETE_FAILED: what is named above is still there. " in said

    assert main(["deploy", "gateway", "dev"]) == 1
    said = capsys.readouterr().err
    assert (
        "its deletion stopped half way. Finish that with: ./deploy.sh destroy gateway dev" in said
    )
    ecs.delete_service(cluster=cluster, service="x", force=True)
    assert main(["destroy", "gateway", "dev", "--yes"]) == 0
    assert ready.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_mistake_in_a_description_is_bad_input(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    description = project / "systems" / "gateway.yaml"
    text = description.read_text()
    description.write_text(f"{text}\nremoval_policy: forget\n")
    monkeypatch.setattr("sys.argv", ["delivery", "plan", "gateway", "dev"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("delivery", run_name="__main__")
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "gateway.yaml" in said.err
    assert "removal_policy" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "gatewya", "dev"], "Did you mean gateway?"),
        (["plan", "gate", "dev"], "There is no system gate in"),
        (["plan", "../systems/gateway", "dev"], "There is no system ../systems/gateway in"),
        (["plan", "gateway", "dev", "--endpoint-url", "foo"], "Invalid endpoint: foo. Give a URL"),
        (["plan", "gateway", "dev", "--endpoint-url", "http://["], "Invalid IPv6 URL"),
        (["plan", "gateway", "dev", "--endpoint-url", "http://a:b"], "Port could not be cast"),
        (
            ["plan", "gateway", "dev", "--parameter", "EnvironmentSuffix=prod"],
            "--parameter EnvironmentSuffix=…: the environment is dev.",
        ),
        (["plan", "gateway", "qa"], "gateway-qa.json cannot be read: No such file"),
        (["plan", "gateway", "dev", "--image", "api=x"], "there is no service api"),
        (["plan", "gateway", "dev", "--parameter", "X"], "--parameter is not KEY=VALUE"),
        (["plan", "gateway", "dev", "--parameter", "X=1"], "there is no parameter X"),
        (["plan", "gateway", "dev", "--parameter", "LogRetentionDays=31"], "must be one of 1, 3"),
        (["plan", "gateway", "dev", "--tag", "a=<"], "Tag a=…: AWS takes"),
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


PASTED = "hunter2-and-more"
URL = f"postgres://me:{PASTED}@db"


@pytest.mark.parametrize(
    "words",
    [
        ["--parameter", PASTED],
        ["--parameter", f"LogRetentionDays={PASTED}"],
        ["--parameter", f"EnvironmentSuffix={PASTED}"],
        ["--parameter", f"ApiGatewayImageDigest={PASTED}"],
        ["--parameter", f"DB_PASSWORD={PASTED}"],
        ["--parameter", f"AlarmEmail={URL}"],
        ["--parameter", f"{URL}=x"],
        ["--parameter", "LogRetentionDays", "=", PASTED],
        ["--parameter", "LogRetentionDays=1", f"--paramter=AlarmEmail={PASTED}"],
        ["--image", PASTED],
        ["--image", f"api-gateway=https://{PASTED}"],
        ["--tag", PASTED],
        ["--tag", f"Team={PASTED},"],
        ["--tag", f"Team={URL}"],
        ["--tag", f"{URL}=x"],
        ["--tag", f"API_TOKEN={PASTED}"],
    ],
    ids=" ".join,
)
def test_a_value_that_is_refused_is_not_repeated(
    ready: LocalSession, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    del ready
    with pytest.raises(SystemExit) as left:
        sys.exit(main(["plan", "gateway", "dev", *words]))
    said = capsys.readouterr()
    assert left.value.code == 2
    assert PASTED not in said.out + said.err
    assert said.err


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("payments-dev.json", "payments-dev.json is for system payments, not for gateway."),
        ("gateway-prod.json", "gateway-prod.json is for environment prod, not for dev."),
        ("gateway-qa.json", "gateway-qa.json is for environment qa, not for dev."),
        ("mine.json", "mine.json is for environment staging, not for dev."),
    ],
)
def test_a_parameter_file_of_another_place_is_refused(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str], file: str, told: str
) -> None:
    del ready
    elsewhere = project / "elsewhere"
    shutil.copytree(project / "parameters", elsewhere)
    (elsewhere / "gateway-qa.json").write_text('{"Parameters": {}}')
    shutil.copy(elsewhere / "gateway-staging.json", elsewhere / "mine.json")
    assert main(["plan", "gateway", "dev", "--parameters", str(elsewhere / file)]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("parameters", [{}, {"EnvironmentSuffix": "dev"}])
def test_a_parameter_file_may_have_any_other_name(
    project: Path, ready: LocalSession, parameters: dict[str, str]
) -> None:
    del ready
    mine = project / "mine.json"
    certificate = {"CertificateArn": "/payment/gateway/dev/certificate-arn"}
    mine.write_text(json.dumps({"Parameters": parameters | certificate}))
    assert main(["plan", "gateway", "dev", "--parameters", str(mine)]) == 0


def test_a_certificate_that_nobody_registered_comes_with_the_command_that_does(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    ready.client("ssm").delete_parameter(Name="/payment/gateway/dev/certificate-arn")
    assert main(["plan", "gateway", "dev", "--skip-check", "certificate"]) == 1
    assert capsys.readouterr().err.endswith(
        " CertificateArn is the name of an SSM parameter. If there is none, make it with: "
        "aws ssm put-parameter --name /payment/gateway/dev/certificate-arn --type String "
        "--value ARN --region us-east-1\n"
    )


def test_what_the_build_finds_stops_a_deployment(
    project: Path, ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del ready
    (project / "parameters" / "gateway-prod.json").write_text('{"Parameters": {"Wrong": "1"}}')
    assert main(["deploy", "gateway", "dev"]) == 2
    said = capsys.readouterr()
    assert "The build finds mistakes, nothing is sent:\n" in said.err
    assert "parameters/gateway-prod.json" in said.err


def test_a_build_that_cannot_be_linted_stops_a_deployment(
    project: Path,
    ready: LocalSession,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del ready
    broken = project / "python"
    broken.write_text("#!/bin/sh\ncat >/dev/null\necho no memory >&2\nexit 3\n")
    broken.chmod(0o755)
    (project / ".cache").unlink()
    monkeypatch.setattr("sys.executable", str(broken))
    monkeypatch.setattr("delivery.sources.build", build)
    assert main(["deploy", "gateway", "dev"]) == 1
    assert capsys.readouterr().err.endswith("cfn-lint failed: no memory\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert f"example: ./deploy.sh {command} " in capsys.readouterr().out
