"""A change set is carried out by its ARN as it was reviewed, or not at all."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery import deployment, stacks
from delivery.aws import Aws
from delivery.deployment import Order, Place
from delivery.errors import DeliveryError, InputError, RefusedError
from delivery.reviewed import Wanted, find, read
from delivery.stacks import Stack
from tests.delivery.samples import DIGEST, OTHER_DIGEST, order, template, templates

KNOWN = {"ApiImageDigest": DIGEST}


def planned(place: Place, ordered: Order) -> str:
    made = deployment.plan(place, ordered).change_set
    assert made
    return made.arn


def test_what_was_reviewed_is_carried_out(place: Place) -> None:
    deployment.deploy(place, order())
    arn = planned(place, order(templates(data_days=30), KNOWN))
    deployed = deployment.deploy(place, order(templates(data_days=30)), arn)
    assert deployed.stack.status == "UPDATE_COMPLETE"
    assert deployed.stack.parameters["ApiImageDigest"] == DIGEST
    assert deployed.review.change_set
    assert deployed.review.change_set.arn == arn


def test_a_stack_that_was_only_reviewed_is_created(place: Place) -> None:
    arn = planned(place, order())
    assert deployment.deploy(place, order(), arn).stack.status == "CREATE_COMPLETE"


def test_a_change_set_that_was_carried_out_is_nothing_to_do(place: Place) -> None:
    arn = planned(place, order())
    first = deployment.deploy(place, order(), arn).stack
    again = deployment.deploy(place, order(), arn)
    assert (again.stack, again.review.change_set) == (first, None)


def out_of_date(place: Place, ordered: Order, arn: str) -> str:
    """Return why a change set is refused; nothing happens to the stack."""
    before = stacks.read(place.aws, ordered.stack_name)
    with pytest.raises(DeliveryError, match="is out of date: ") as refused:
        deployment.deploy(place, ordered, arn)
    assert refused.value.exit_code == 1
    assert str(refused.value).endswith(
        "Make and review a new one with: ./deploy.sh plan tiny dev "
        f"--region us-east-1 --endpoint-url {place.aws.endpoint_url}"
    )
    assert stacks.read(place.aws, ordered.stack_name) == before
    return str(refused.value)


def test_other_templates_than_the_reviewed_ones_are_refused(place: Place) -> None:
    arn = planned(place, order())
    assert "templates that would be built now are others" in out_of_date(
        place, order(templates(data_days=30)), arn
    )


def test_other_parameters_than_the_reviewed_ones_are_refused(place: Place) -> None:
    arn = planned(place, order(parameters=KNOWN))
    other = order(parameters={"ApiImageDigest": OTHER_DIGEST})
    expected = f"ApiImageDigest is '{OTHER_DIGEST}' now and was '{DIGEST}'"
    assert expected in out_of_date(place, other, arn)


def test_a_stack_that_was_changed_since_is_refused(place: Place) -> None:
    deployment.deploy(place, order())
    first = planned(place, order(templates(data_days=30)))
    second = planned(place, order(templates(data_days=90)))
    deployment.deploy(place, order(templates(data_days=90)), second)
    with pytest.raises(DeliveryError, match=r"is out of date|no such change set"):
        deployment.deploy(place, order(templates(data_days=30)), first)


def test_the_policy_holds_for_what_was_reviewed_too(place: Place) -> None:
    ordered = order(parameters=KNOWN)
    deployment.deploy(place, ordered)
    gone = json.loads(templates()["data.json"])
    gone["Resources"] = {"Other": gone["Resources"]["Logs"]}
    gone["Resources"]["Other"]["Properties"]["LogGroupName"] = "/other"
    without = order({**templates(), "data.json": json.dumps(gone).encode()})
    arn = planned(place, without)
    with pytest.raises(RefusedError, match=r"Data/Logs \(AWS::Logs::LogGroup\) would be deleted"):
        deployment.deploy(place, without, arn)
    allowed = replace(without, allowed=("Data/Logs",))
    assert deployment.deploy(place, allowed, arn).stack.status == "UPDATE_COMPLETE"


def test_an_arn_of_nothing_is_told(place: Place) -> None:
    arn = planned(place, order())
    with pytest.raises(DeliveryError, match="There is no such change set: "):
        deployment.deploy(place, order(), f"{arn[:-3]}000")


ARN = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-1/a"
ROOT = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-0/b"
STACK_ID = "arn:aws:cloudformation:us-east-1:111122223333:stack/tiny-dev/d"
MADE = datetime(2026, 11, 22, 9, tzinfo=UTC)
BODY = json.loads(template())
WANTED = Wanted("tiny-dev", BODY, {"A": "1"}, "./deploy.sh plan tiny dev")


def page(**more: Any) -> dict[str, Any]:
    return {
        "StackName": "tiny-dev",
        "StackId": STACK_ID,
        "ChangeSetId": ARN,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "CreationTime": MADE,
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}],
    } | more


def stack(**more: Any) -> Stack:
    return Stack("tiny-dev", STACK_ID, "UPDATE_COMPLETE", MADE - timedelta(days=1), **more)


def found(aws: Aws, said: dict[str, Any], now: Stack | None = None) -> Any:
    with Stubber(aws.cloudformation) as api:
        api.add_response("describe_change_set", said)
        api.add_response("get_template", {"TemplateBody": json.dumps(BODY)})
        return find(aws, read(aws, ARN, "tiny-dev", WANTED.plan), WANTED, now or stack())


def test_a_change_set_that_is_as_it_was_is_found(aws: Aws) -> None:
    assert found(aws, page()).arn == ARN
    assert found(aws, page(RootChangeSetId=ARN)).arn == ARN


def test_a_change_set_of_another_stack_is_bad_input(aws: Aws) -> None:
    with pytest.raises(InputError, match="is for stack other-dev, not for tiny-dev"):
        found(aws, page(StackName="other-dev"))


def test_a_nested_change_set_leads_to_its_root(aws: Aws) -> None:
    with pytest.raises(InputError, match=re.escape(f"Give --change-set {ROOT}")):
        found(aws, page(RootChangeSetId=ROOT))


@pytest.mark.parametrize(
    ("said", "now", "told"),
    [
        ({"ExecutionStatus": "OBSOLETE"}, {}, "it is CREATE_COMPLETE and OBSOLETE"),
        ({"ExecutionStatus": "EXECUTE_COMPLETE"}, {"change_set": ROOT}, "and EXECUTE_COMPLETE"),
        (
            {},
            {"updated": MADE + timedelta(seconds=1)},
            "the stack was changed at 2026-11-22 09:00:01 UTC, after it was made",
        ),
        ({"Parameters": []}, {}, "it does not know the parameter A"),
    ],
)
def test_what_is_out_of_date_is_refused_with_the_reason(
    aws: Aws, said: dict[str, Any], now: dict[str, Any], told: str
) -> None:
    with pytest.raises(DeliveryError, match=re.escape(told)):
        found(aws, page(**said), stack(**now))


def test_a_masked_parameter_is_not_compared(aws: Aws) -> None:
    assert found(aws, page(Parameters=[{"ParameterKey": "A", "ParameterValue": "****"}]))
