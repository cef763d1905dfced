import re
from datetime import UTC, datetime

import boto3
import pytest
from botocore.model import StringShape

from delivery.errors import DeliveryError
from delivery.stacks import DEPLOYS, STEPS, Stack, Step, decision, first_step
from tests.systems_under_test import ROOT

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


DECISIONS = {
    "makes it": Step.CREATE,
    "changes it": Step.UPDATE,
    "removes what is left, makes it": Step.RECREATE,
    "follows that to its end, then decides again": Step.WAIT,
    "refuses": None,
}


def page() -> dict[str, tuple[str, str]]:
    """Return what the page says of each status: what a deployment does, and what to do."""
    text = (ROOT / "docs" / "deploy.md").read_text().partition("\n## Stack states\n")[2]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*) \|$", text.partition("\n## ")[0], re.MULTILINE)
    pairs = [(name, rest) for names, *rest in rows for name in re.findall(r"`(\w+)`", names)]
    assert len(dict(pairs)) == len(pairs)
    return {name: (does, advice) for name, (does, advice) in pairs}


PAGE = page()


def test_the_page_has_every_status_once() -> None:
    assert PAGE.keys() == STEPS.keys()


@pytest.mark.parametrize("status", PAGE)
def test_a_deployment_does_with_each_status_what_the_page_says(status: str) -> None:
    does, what_to_do = PAGE[status]
    wanted = DECISIONS[does]
    found = stack(status, EnvironmentSuffix="dev")
    step, advice = decision(found, OPTIONS)
    if wanted in DEPLOYS:
        assert first_step(found, OPTIONS) is wanted
        assert (step, advice) == (wanted, "")
        return
    with pytest.raises(DeliveryError) as refused:
        first_step(found, OPTIONS)
    assert str(refused.value) == f"Stack gateway-dev is in {status}: {advice}"
    assert (step is Step.WAIT) == (wanted is Step.WAIT)
    commands = re.findall(r"\./deploy\.sh \w+ gateway dev", what_to_do)
    assert re.findall(r"\./deploy\.sh \w+ gateway dev(?= --region r$)", advice) == commands
    assert commands or "Wait until it" in advice


@pytest.mark.parametrize(
    ("status", "step"),
    [("UPDATE_FAILED", Step.ROLL_BACK), ("UPDATE_ROLLBACK_FAILED", Step.CONTINUE)],
)
def test_what_stopped_half_way_is_the_business_of_rollback(status: str, step: Step) -> None:
    assert decision(stack(status), OPTIONS)[0] is step


def test_a_stack_of_another_tool_is_not_given_names_that_are_guessed() -> None:
    with pytest.raises(DeliveryError, match=r"destroy SYSTEM ENVIRONMENT --region r$"):
        first_step(stack("CREATE_FAILED"), OPTIONS)
