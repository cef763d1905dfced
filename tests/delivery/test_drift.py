"""Differences are made on the local AWS, and planted as AWS answers where that finds none."""

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber
from rich.console import Console

from delivery import arguments, deployment, drift
from delivery.cli import main
from delivery.deployment import Place
from localaws import LocalSession
from tests.delivery.doctor.conftest import answering
from tests.delivery.samples import DIGEST, order

NOW = datetime.now(UTC)


@pytest.fixture
def given(place: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that parses options of ``drift`` for a small deployed system."""
    deployment.deploy(place, order(parameters={"ApiImageDigest": DIGEST}))
    monkeypatch.setattr("delivery.given.connect", lambda _: place.aws)

    def parse(*words: str) -> Any:
        parsed = arguments.parser().parse_args(["drift", "tiny", "dev", *words])
        parsed.words = ["drift", "tiny", "dev", *words]
        return parsed

    return parse


def drifted(said: dict[str, Any], **more: Any) -> dict[str, Any]:
    base = {"StackId": "arn:aws:cloudformation:us-east-1:1:stack/a/1", "Timestamp": NOW}
    return {"StackResourceDrifts": [{**base, **more}]} if more else said


def run(given: Any) -> tuple[int, str]:
    log = io.StringIO()
    return drift.run(given, Console(file=log, width=300)), log.getvalue()


def test_every_nested_stack_is_looked_at_and_nothing_differs(given: Any, place: Place) -> None:
    looked = []

    def note(said: dict[str, Any]) -> dict[str, Any]:
        looked.append(said["StackDriftDetectionId"])
        return said

    with answering(place.aws.cloudformation, "DetectStackDrift", note):
        code, log = run(given())

    assert code == 0
    assert len(set(looked)) == 4  # the parent, Data, Services and Api
    assert "tiny-dev: nothing of 5 resources differs" in log


def test_what_somebody_changed_in_a_deployed_system_is_found(
    at_home: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    group = {"logGroupName": "/ecs/payment-api-gateway-dev"}
    logs = at_home.client("logs")
    assert main(["drift", "gateway", "dev"]) == 0
    logs.put_retention_policy(**group, retentionInDays=7)
    found = main(["drift", "gateway", "dev"])
    logs.put_retention_policy(**group, retentionInDays=30)
    said = capsys.readouterr()

    assert found == 1
    assert re.search(r"MODIFIED +\S*ApiGatewayLogGroup +AWS::Logs::LogGroup", said.out)
    assert "RetentionInDays: 30 → 7" in said.out
    assert main(["drift", "gateway", "dev"]) == 0


def test_what_differs_is_one_table_and_what_may_be_secret_is_hidden(
    given: Any, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    def differing(said: dict[str, Any]) -> dict[str, Any]:
        return drifted(
            said,
            LogicalResourceId="Logs",
            PhysicalResourceId="/logs",
            ResourceType="AWS::Logs::LogGroup",
            StackResourceDriftStatus="MODIFIED",
            PropertyDifferences=[
                {
                    "PropertyPath": "/RetentionInDays",
                    "ExpectedValue": "7",
                    "ActualValue": "null",
                    "DifferenceType": "REMOVE",
                },
                {
                    "PropertyPath": "/Password",
                    "ExpectedValue": "hunter1",
                    "ActualValue": "hunter2",
                    "DifferenceType": "NOT_EQUAL",
                },
            ],
        )

    with answering(place.aws.cloudformation, "DescribeStackResourceDrifts", differing):
        code, log = run(given())
        assert run(given("--json"))[0] == 1
    out = capsys.readouterr().out
    table, _, rest = out.partition("[")
    found = json.loads(f"[{rest}")

    assert code == 1
    assert "MODIFIED  Data/Logs          AWS::Logs::LogGroup  RetentionInDays: 7 → -\n" in table
    assert "hunter" not in out
    assert {one["address"] for one in found} == {
        "Logs",
        "Data/Logs",
        "Services/Logs",
        "Services/Api/Logs",
    }
    assert "./deploy.sh plan tiny dev" in log


def test_a_resource_that_is_gone_is_told(
    given: Any, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(said: dict[str, Any]) -> dict[str, Any]:
        return drifted(
            said,
            LogicalResourceId="Logs",
            ResourceType="AWS::Logs::LogGroup",
            StackResourceDriftStatus="DELETED",
        )

    with answering(place.aws.cloudformation, "DescribeStackResourceDrifts", gone):
        assert run(given())[0] == 1
    assert "DELETED  Data/Logs          AWS::Logs::LogGroup\n" in capsys.readouterr().out


def test_all_pages_of_differences_are_read(place: Place) -> None:
    asked = {
        "StackName": "a",
        "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"],
        "MaxResults": 100,
    }
    one = {"ResourceType": "AWS::Logs::LogGroup", "StackResourceDriftStatus": "DELETED"}
    pages = [drifted({}, LogicalResourceId=name, **one) for name in ("First", "Second")]
    with Stubber(place.aws.cloudformation) as api:
        api.add_response("describe_stack_resource_drifts", {**pages[0], "NextToken": "2"}, asked)
        api.add_response("describe_stack_resource_drifts", pages[1], {**asked, "NextToken": "2"})
        found = list(drift.differences(place.aws, "Data", "a"))

    assert [one.address for one in found] == ["Data/First", "Data/Second"]


def test_it_waits_for_the_end_and_tells_what_could_not_be_looked_at(
    given: Any, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "pauses", lambda _: iter([0.0] * 9))
    states = iter(["DETECTION_IN_PROGRESS", "DETECTION_FAILED"])

    def failing(said: dict[str, Any]) -> dict[str, Any]:
        reason = {"DetectionStatusReason": "AccessDenied for Logs"}
        return {**said, "DetectionStatus": next(states, "DETECTION_COMPLETE"), **reason}

    with answering(place.aws.cloudformation, "DescribeStackDriftDetectionStatus", failing):
        code, log = run(given())

    assert code == 1
    assert "tiny-dev: not wholly looked at: AccessDenied for Logs" in log
