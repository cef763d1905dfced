from datetime import UTC, datetime

import boto3
import pytest
from botocore.model import StringShape

from delivery.errors import DeliveryError
from delivery.stacks import STEPS, Stack, Step, first_step

MODEL = boto3.client("cloudformation", "us-east-1").meta.service_model


OPTIONS = "--region r"


def stack(status: str, **parameters: str) -> Stack:
    return Stack("gateway-dev", "id", status, datetime.now(UTC), parameters=parameters)


def test_every_status_that_aws_knows_is_decided() -> None:
    statuses = MODEL.shape_for("StackStatus")
    assert isinstance(statuses, StringShape)
    assert sorted(STEPS) == sorted(statuses.enum)


def test_a_status_that_nobody_knows_is_left_alone() -> None:
    told = r"in SPLIT_IN_PROGRESS: .* describe-stacks --stack-name gateway-dev --region r$"
    with pytest.raises(DeliveryError, match=told):
        first_step(stack("SPLIT_IN_PROGRESS"), OPTIONS)


def test_an_absent_stack_is_created() -> None:
    assert first_step(None, OPTIONS) is Step.CREATE


@pytest.mark.parametrize("status", [s for s in STEPS if s.endswith("_IN_PROGRESS")])
def test_a_stack_that_is_busy_is_left_alone(status: str) -> None:
    if status == "REVIEW_IN_PROGRESS":
        assert first_step(stack(status), OPTIONS) is Step.CREATE
    elif status == "DELETE_IN_PROGRESS":
        with pytest.raises(DeliveryError, match="in DELETE_IN_PROGRESS: it is being deleted"):
            first_step(stack(status), OPTIONS)
    else:
        with pytest.raises(DeliveryError, match=f"in {status}: another operation is running"):
            first_step(stack(status), OPTIONS)


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("CREATE_COMPLETE", Step.UPDATE),
        ("UPDATE_COMPLETE", Step.UPDATE),
        ("UPDATE_ROLLBACK_COMPLETE", Step.UPDATE),
        ("ROLLBACK_COMPLETE", Step.RECREATE),
    ],
)
def test_a_settled_stack_goes_on(status: str, step: Step) -> None:
    assert first_step(stack(status), OPTIONS) is step


@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("UPDATE_ROLLBACK_FAILED", "go on with: ./deploy.sh rollback gateway dev --region r$"),
        ("UPDATE_FAILED", "before with: ./deploy.sh rollback gateway dev --region r$"),
        ("DELETE_FAILED", "./deploy.sh destroy gateway dev --region r$"),
        ("CREATE_FAILED", "./deploy.sh destroy gateway dev --region r$"),
    ],
)
def test_a_stack_that_stopped_half_way_comes_with_the_command_that_helps(
    status: str, command: str
) -> None:
    with pytest.raises(DeliveryError, match=command):
        first_step(stack(status, EnvironmentSuffix="dev"), OPTIONS)


def test_a_stack_of_another_tool_is_not_given_names_that_are_guessed() -> None:
    with pytest.raises(DeliveryError, match=r"destroy SYSTEM ENVIRONMENT --region r$"):
        first_step(stack("CREATE_FAILED"), OPTIONS)
