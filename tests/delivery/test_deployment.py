import io

import pytest

from delivery import deployment, operations, stacks
from delivery.aws import Aws
from delivery.changes import Cause, Change
from delivery.deployment import Place
from delivery.errors import DeliveryError, InputError
from tests.delivery.samples import DIGEST, order, template, templates

LOGS = "AWS::Logs::LogGroup"
STACK = "AWS::CloudFormation::Stack"


def told(place: Place) -> str:
    assert isinstance(place.console.file, io.StringIO)
    return place.console.file.getvalue()


def test_services_wait_until_their_image_is_known(place: Place) -> None:
    reviewed = deployment.plan(place, order())
    assert reviewed.missing_images == ("api",)
    assert reviewed.change_set
    assert reviewed.change_set.changes == (
        Change((), "Data", STACK, "Add", "no"),
        Change(("Data",), "Logs", LOGS, "Add", "no"),
    )


def test_services_join_with_their_image(place: Place) -> None:
    deployment.deploy(place, order())
    reviewed = deployment.plan(place, order(parameters={"ApiImageDigest": DIGEST}))
    assert reviewed.missing_images == ()
    assert reviewed.change_set
    assert reviewed.change_set.changes == (
        Change((), "Services", STACK, "Add", "no"),
        Change(("Services",), "Api", STACK, "Add", "no"),
        Change(("Services", "Api"), "Api", LOGS, "Add", "no"),
    )


def test_a_repeated_deployment_changes_nothing(place: Place) -> None:
    first = deployment.deploy(place, order(Team="payments")).stack
    second = deployment.deploy(place, order(Team="payments")).stack
    assert second == first
    assert told(place).endswith("tiny-dev: no changes\n")


def test_a_repeated_plan_finds_the_change_set_that_was_made_before(place: Place) -> None:
    first, second = deployment.plan(place, order()), deployment.plan(place, order())
    assert first.change_set
    assert second.change_set == first.change_set


def test_one_changed_service_shows_only_its_own_path(place: Place) -> None:
    known = {"ApiImageDigest": DIGEST}
    deployment.deploy(place, order(parameters=known))
    reviewed = deployment.plan(place, order(templates(api_days=30), parameters=known))
    assert reviewed.change_set
    services, stack, logs = reviewed.change_set.changes
    assert (services.address, services.action) == ("Services", "Modify")
    assert (stack.address, stack.action) == ("Services/Api", "Modify")
    assert logs == Change(
        ("Services", "Api"),
        "Api",
        LOGS,
        "Modify",
        "no",
        causes=(Cause("RetentionInDays", "no", "7", "30"),),
    )


def test_a_parameter_that_is_not_given_keeps_its_deployed_value(place: Place) -> None:
    deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST}))
    stack = deployment.deploy(place, order(templates(data_days=30))).stack
    assert stack.parameters["ApiImageDigest"] == DIGEST


def test_a_failed_creation_names_its_root_cause_and_can_be_repeated(place: Place) -> None:
    known = {"ApiImageDigest": DIGEST}
    with pytest.raises(DeliveryError) as failed:
        deployment.deploy(place, order(templates(broken=True), parameters=known))
    assert str(failed.value).startswith(
        "tiny-dev/Services/Api/Broken (AWS::EC2::NatGateway) failed"
    )
    assert "Stack tiny-dev is now in ROLLBACK_COMPLETE: nothing of it runs." in str(failed.value)
    assert deployment.deploy(place, order(parameters=known)).stack.status == "CREATE_COMPLETE"


def test_a_failed_creation_cannot_be_planned_over(place: Place) -> None:
    known = {"ApiImageDigest": DIGEST}
    with pytest.raises(DeliveryError):
        deployment.deploy(place, order(templates(broken=True), parameters=known))
    with pytest.raises(DeliveryError, match="its creation failed"):
        deployment.plan(place, order(parameters=known))


def test_a_failed_update_returns_to_what_was_deployed(place: Place) -> None:
    known = {"ApiImageDigest": DIGEST}
    deployment.deploy(place, order(parameters=known))
    with pytest.raises(DeliveryError, match="is now in UPDATE_ROLLBACK_COMPLETE"):
        deployment.deploy(place, order(templates(broken=True), parameters=known))
    assert (
        deployment.deploy(place, order(parameters=known)).stack.status == "UPDATE_ROLLBACK_COMPLETE"
    )


def test_a_failure_is_told_also_where_nobody_knows_the_status_it_ended_in(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(stacks.STEPS, "ROLLBACK_COMPLETE")
    known = {"ApiImageDigest": DIGEST}
    with pytest.raises(DeliveryError, match=r"is now in ROLLBACK_COMPLETE: .* does not know that"):
        deployment.deploy(place, order(templates(broken=True), parameters=known))


def test_the_end_of_every_resource_is_told_once_the_root_last(place: Place) -> None:
    deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST}))
    lines = [line.split()[1:3] for line in told(place).splitlines() if "_COMPLETE" in line]
    assert sorted(lines) == [
        ["CREATE_COMPLETE", "tiny-dev"],
        ["CREATE_COMPLETE", "tiny-dev/Data"],
        ["CREATE_COMPLETE", "tiny-dev/Data/Logs"],
        ["CREATE_COMPLETE", "tiny-dev/Services"],
        ["CREATE_COMPLETE", "tiny-dev/Services/Api"],
        ["CREATE_COMPLETE", "tiny-dev/Services/Api/Api"],
    ]
    assert lines[-1] == ["CREATE_COMPLETE", "tiny-dev"]


def test_events_of_earlier_operations_are_not_told_again(place: Place) -> None:
    deployment.deploy(place, order())
    before = len(told(place))
    deployment.deploy(place, order(templates(data_days=30)))
    assert "CREATE_COMPLETE" not in told(place)[before:]
    assert "UPDATE_COMPLETE   tiny-dev/Data/Logs" in told(place)[before:]


def test_whose_place_another_deployment_took_is_told_so(place: Place) -> None:
    deployment.deploy(place, order())
    first = deployment.plan(place, order(templates(data_days=30))).change_set
    second = deployment.plan(place, order(templates(data_days=90))).change_set
    assert first
    assert second
    done = operations.execute(place.aws, place.console, "tiny-dev", first)
    with pytest.raises(DeliveryError, match="Another deployment of tiny-dev came first: "):
        operations.execute(place.aws, place.console, "tiny-dev", second)
    assert operations.execute(place.aws, place.console, "tiny-dev", first) == done


def test_a_deleted_stack_is_gone(place: Place, aws: Aws) -> None:
    stack = deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST})).stack
    operations.delete_stack(place.aws, place.console, stack)
    assert stacks.read(aws, "tiny-dev") is None
    assert " DELETE_COMPLETE   tiny-dev/Services/Api/Api " in told(place)


def test_wrong_parameters_are_told_at_once_and_nothing_is_sent(place: Place, aws: Aws) -> None:
    wanted = {
        "EnvironmentSuffix": {"Type": "String", "AllowedPattern": "^p"},
        "Zone": {"Type": "String"},
    }
    parent = template(wanted, Topic={"Type": "AWS::SNS::Topic"})
    with pytest.raises(InputError, match=r"EnvironmentSuffix: must match .*; Zone: is missing"):
        deployment.plan(place, order({"parent.json": parent}))
    assert aws.s3.list_objects_v2(Bucket=place.bucket)["KeyCount"] == 0
