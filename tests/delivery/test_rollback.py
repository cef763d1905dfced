import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery import deployment
from delivery.aws import Aws
from delivery.cli import main
from delivery.deployment import Place
from delivery.errors import DeliveryError, InputError
from delivery.history import Deployment, History, earlier
from delivery.preflight import images
from delivery.preflight.earlier import order_of
from delivery.preflight.run import CHECKS
from delivery.stacks import Stack
from localaws import LocalSession
from templates import keys, registry
from tests.delivery.samples import DIGEST, IMAGES, OTHER_DIGEST, order, templates
from tests.delivery.test_cli import Terminal
from tests.delivery.test_deployment import told
from tests.systems_under_test import described

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
Capture = pytest.CaptureFixture[str]


def stack(**parameters: str) -> Stack:
    return Stack("tiny-dev", "id", "UPDATE_COMPLETE", NOW, parameters=parameters)


def record(at: str, template: str = "t", image: str = "1", back: str = "") -> Deployment:
    return Deployment(at, "id", template, {"Image": image}, back)


def test_the_deployment_before_is_the_newest_that_differs_from_this_one() -> None:
    records = [record("4", image="2"), record("3", image="2"), record("2"), record("1", "s")]
    assert earlier(records, stack(Image="2"), None).at == "2"


def test_after_a_rollback_one_goes_further_back() -> None:
    records = [
        record("4", image="2", back="2"),
        record("3", image="bad"),
        record("2", image="2"),
        record("1", image="1"),
    ]
    assert earlier(records, stack(Image="2"), None).at == "1"


def test_what_somebody_else_changed_is_undone_first() -> None:
    records = [record("2", image="2"), record("1")]
    assert earlier(records, stack(Image="by hand"), None).at == "2"


def test_a_masked_parameter_is_no_change() -> None:
    records = [record("2", image="2"), record("1")]
    assert earlier(records, stack(Image="2", Hidden="****"), None).at == "1"


def test_a_time_is_found_or_told() -> None:
    records = [record("2", image="2"), record("1")]
    assert earlier(records, stack(Image="2"), "1").at == "1"
    with pytest.raises(InputError, match="There is no deployment of tiny-dev at 3"):
        earlier(records, stack(Image="2"), "3")


@pytest.mark.parametrize("records", [[], [record("1")], [record("2"), record("1")]])
def test_without_another_deployment_there_is_nothing_to_go_back_to(
    records: list[Deployment],
) -> None:
    with pytest.raises(DeliveryError, match="there is nothing to go back to"):
        earlier(records, stack(Image="1"), None)


def history(place: Place) -> History:
    return History(place.aws, place.bucket, place.prefix, "tiny-dev")


def test_each_deployment_is_recorded_once_and_none_of_another_stack(place: Place) -> None:
    first = deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST})).stack
    deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST}))
    second = deployment.deploy(place, order(templates(data_days=30))).stack
    newest, oldest = history(place).of(second)
    assert newest.parameters == second.parameters
    assert oldest.template_url.rpartition("/")[2].startswith("parent-")
    assert oldest.template_url != newest.template_url
    assert oldest.at < newest.at
    assert history(place).of(first) == [newest, oldest]
    reborn = Stack("tiny-dev", "another id", "CREATE_COMPLETE", NOW + timedelta(days=1))
    assert history(place).of(reborn) == []


def test_a_deployment_that_is_recorded_can_be_ordered_again(place: Place) -> None:
    wanted = order(templates(), parameters={"ApiImageDigest": DIGEST})
    deployed = deployment.deploy(place, wanted)
    (record,) = history(place).of(deployed.stack)
    again = replace(
        order_of(place, described("gateway"), "dev", record),
        system=wanted.system,
        profile=wanted.profile,
    )
    assert deployment.packaged(place, again) == deployment.packaged(place, wanted)
    assert again.given == deployed.stack.parameters

    key = deployed.review.template_url.partition(f"{place.bucket}/")[2]
    place.aws.s3.delete_object(Bucket=place.bucket, Key=key)
    with pytest.raises(DeliveryError, match=r"is no longer there: .*parent-.*Choose another"):
        order_of(place, described("gateway"), "dev", record)


def test_masked_parameters_are_not_recorded(place: Place) -> None:
    history(place).add(stack(Plain="1", Hidden="****"), "url")
    (made,) = history(place).of(stack())
    assert made.parameters == {"Plain": "1"}


def test_a_deployment_that_cannot_be_recorded_is_one_nevertheless(place: Place) -> None:
    deployment.deploy(place, order())
    assert place.aws.account
    with Stubber(place.aws.s3) as s3:
        metadata: dict[str, object] = {"HTTPHeaders": {}}
        listed = {"Contents": contents(place), "ResponseMetadata": metadata}
        s3.add_response("list_objects_v2", listed)
        s3.add_client_error("put_object", "AccessDenied")
        deployed = deployment.deploy(place, order())
    assert deployed.stack.status == "CREATE_COMPLETE"
    assert "A rollback will not know this deployment: Access denied: PutObject" in told(place)


def contents(place: Place) -> list[dict[str, object]]:
    listed = Aws(place.aws.session, place.aws.region, place.aws.endpoint_url).s3.list_objects_v2(
        Bucket=place.bucket
    )["Contents"]
    return [{"Key": one["Key"], "Size": one["Size"]} for one in listed]


def image(ready: LocalSession) -> str:
    described = ready.client("cloudformation").describe_stacks(StackName="gateway-dev")
    parameters = described["Stacks"][0]["Parameters"]
    return str(
        next(
            p["ParameterValue"] for p in parameters if p["ParameterKey"] == "ApiGatewayImageDigest"
        )
    )


NEW = ["--image", f"api-gateway={OTHER_DIGEST}"]


@pytest.mark.slow(reason="three deployments, one after the other")
def test_the_images_and_templates_of_before_come_back(
    project: Path, ready: LocalSession, capsys: Capture
) -> None:
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    description = project / "systems" / "gateway.yaml"
    description.write_text(description.read_text().replace("max: 10", "max: 8"))
    assert main(["deploy", "gateway", "dev", *NEW]) == 0
    capsys.readouterr()

    assert main(["rollback", "gateway", "dev"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("arn:aws:cloudformation:")
    assert "MaxCapacity: 8 → 10" in shown.err
    assert f"@{DIGEST}"[-20:] in shown.err
    assert "Nothing is changed yet. Carry it out with: ./deploy.sh rollback gateway dev --to " in (
        shown.err
    )
    assert image(ready) == OTHER_DIGEST
    another = shown.out.strip().replace("changeSet/review-", "changeSet/review-0")
    assert main(["rollback", "gateway", "dev", "--change-set", another]) == 1
    assert f"what would be carried out now is not {another}" in capsys.readouterr().err
    assert image(ready) == OTHER_DIGEST

    carry_out = shown.err.splitlines()[-1].partition("./deploy.sh ")[2]
    assert main([*carry_out.split(), "--json"]) == 0
    assert image(ready) == DIGEST
    assert json.loads(capsys.readouterr().out)["ApiGatewayServiceName"] == "api-gateway-dev"
    change_set = ready.client("cloudformation").describe_change_set(ChangeSetName=shown.out.strip())
    assert change_set["ExecutionStatus"] == "EXECUTE_COMPLETE"

    assert main(["rollback", "gateway", "dev", "--list"]) == 0
    head, back, new, first = capsys.readouterr().out.splitlines()
    assert head.split() == ["Deployed", "at", "Changed"]
    assert back.split(maxsplit=1)[1].startswith(f"back to {first.split()[0]}, templates, ApiGat")
    assert new.endswith("  templates, ApiGatewayImageDigest")
    assert first.endswith("  everything recorded")
    assert main(["rollback", "gateway", "dev", "--list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["deployments"]) == 3
    assert main(["rollback", "gateway", "dev"]) == 1
    assert "there is nothing to go back to" in capsys.readouterr().err


def test_the_way_back_is_allowed_by_the_policy_and_confirmed_by_name(
    project: Path, ready: LocalSession, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    assert main(["deploy", "gateway", "dev", *NEW]) == 0
    capsys.readouterr()
    monkeypatch.setitem(CHECKS, "images", images.check)
    assert main(["rollback", "gateway", "dev", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "3 problems stand in the way of gateway-dev, and nothing was changed:" in said
    assert f"images: api-gateway: {DIGEST} is not in payment-api-gateway-dev." in said
    assert OTHER_DIGEST not in said
    assert image(ready) == OTHER_DIGEST
    (project / "policy.yaml").write_text(
        "rules: [{id: tasks, types: [AWS::ECS::TaskDefinition], actions: [replace], risk: low, "
        "reason: not now, refuse: [production, development]}]"
    )
    rollback = ["rollback", "gateway", "dev", "--skip-check", "images"]
    assert main([*rollback, "--yes"]) == 3
    assert "would be replaced: not now (rule tasks)" in capsys.readouterr().err

    allowed = [*rollback, "--allow", "ApiGatewayService/TaskDefinition"]
    monkeypatch.setattr("sys.stdin", Terminal("gateway-prod\n"))
    assert main(allowed) == 2
    assert capsys.readouterr().err.endswith("That is not its name: nothing was changed.\n")
    assert image(ready) == OTHER_DIGEST
    monkeypatch.setattr("sys.stdin", Terminal("gateway-dev\n"))
    assert main(allowed) == 0
    assert image(ready) == DIGEST


def test_a_stack_that_was_never_deployed_has_no_before(
    ready: LocalSession, capsys: Capture
) -> None:
    del ready
    assert main(["rollback", "gateway", "dev"]) == 1
    assert "gateway-dev was never deployed" in capsys.readouterr().err


def test_the_way_back_is_not_refused_for_what_its_templates_rule_out(
    project: Path, ready: LocalSession, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ready
    file = project / "systems" / "gateway.yaml"
    description = file.read_text().replace("mode: create", "mode: create\n  key: customer")
    for text in ("Images", "Our images"):  # the key changes in place: are repositories replaced?

        def customer_key(*args: Any, text: str = text, **more: Any) -> Any:
            return keys.customer_key(*args, **more | {"description": text})

        monkeypatch.setattr(registry, "customer_key", customer_key)
        file.write_text(f"{description}\ntags: {{About: {text}}}\n")  # or the last build is taken
        assert main(["deploy", "gateway", "dev"]) == 0
    (project / "policy.yaml").write_text(
        "rules: [{id: ours, types: ['AWS::ECR::*'], actions: [replace], risk: low, "
        "reason: not now, refuse: [development]}]"
    )
    capsys.readouterr()
    assert main(["rollback", "gateway", "dev", "--yes"]) == 0
    assert "by their templates they are not: Registry/" in capsys.readouterr().err


def test_an_older_record_says_nothing_of_restarts() -> None:
    new = Deployment("2", "id", "url", {}, versions={"api": "1a2b3c4d"})
    old = replace(new, at="1", versions=None)

    assert new.restarted(old) == []
    assert new.restarted(replace(old, versions={})) == ["api"]
    assert new.restarted(new) == []
