"""A function that is there already rotates a secret, if Secrets Manager may call it."""

from typing import Any

import pytest

from localaws import LocalSession
from tests.functions import make_function
from tests.localaws.readback import Case, Properties, check, only, ref
from tests.localaws.stacks import Stacks, template

FUNCTION = "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:rotate"
SCHEDULE: Properties = {
    "RotationLambdaARN": {"Fn::Sub": FUNCTION},
    "RotationRules": {"AutomaticallyAfterDays": 30, "Duration": "3h"},
    "SecretId": ref("Secret"),
}
SECRET = {
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
}


def schedule(**changed: Any) -> dict[str, Any]:
    properties = {**SCHEDULE, **changed}
    return {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": properties}


@pytest.fixture
def rotating(stacks: Stacks) -> Stacks:
    """An account with the function."""
    make_function(stacks.session)
    return stacks


def _secret(session: LocalSession, arn: str) -> Any:
    return session.client("secretsmanager").describe_secret(SecretId=arn)


def read_schedule(session: LocalSession, arn: str) -> Properties:
    found = _secret(session, arn)
    assert found["RotationEnabled"]
    return {**only(found, "RotationLambdaARN", "RotationRules"), "SecretId": found["ARN"]}


BY_DATE = {"ScheduleExpression": "cron(0 3 1 * ? *)"}
CASES = [
    Case(
        "AWS::SecretsManager::RotationSchedule",
        SCHEDULE,
        read_schedule,
        around=SECRET,
        changed={"RotationRules": BY_DATE},
    ),
    Case(
        "AWS::SecretsManager::RotationSchedule",
        {**SCHEDULE, "RotationRules": BY_DATE},
        read_schedule,
        around=SECRET,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(rotating: Stacks, case: Case) -> None:
    check(rotating, case)


@pytest.mark.parametrize(("now", "versions"), [(True, 2), (False, 1)])
def test_rotates_at_once_unless_told_otherwise(rotating: Stacks, now: bool, versions: int) -> None:
    made = schedule(RotateImmediatelyOnUpdate=now)
    created = rotating.create(template({**SECRET, "Rotation": made}))
    assert created["StackStatus"] == "CREATE_COMPLETE", rotating.failures()
    found = _secret(rotating.session, rotating.physical_id("Secret"))
    assert found["RotationEnabled"]
    assert len(found["VersionIdsToStages"]) == versions


def test_a_removed_schedule_ends_the_rotation(rotating: Stacks) -> None:
    rotating.create(template({**SECRET, "Rotation": schedule()}))
    rotating.update(template(SECRET))
    secret = _secret(rotating.session, rotating.physical_id("Secret"))
    assert not secret.get("RotationEnabled")


def test_a_function_that_is_not_there_is_refused(stacks: Stacks) -> None:
    stacks.create(template({**SECRET, "Rotation": schedule()}))
    assert "cannot invoke the specified Lambda function" in stacks.failures()["Rotation"]


def test_a_function_that_others_may_call_is_refused(stacks: Stacks) -> None:
    make_function(stacks.session, principal="events.amazonaws.com")
    stacks.create(template({**SECRET, "Rotation": schedule()}))
    assert "cannot invoke the specified Lambda function" in stacks.failures()["Rotation"]


def test_days_and_dates_are_refused_together(rotating: Stacks) -> None:
    both = {"AutomaticallyAfterDays": 30, **BY_DATE}
    rotating.create(template({**SECRET, "Rotation": schedule(RotationRules=both)}))
    assert "both AutomaticallyAfterDays" in rotating.failures()["Rotation"]
