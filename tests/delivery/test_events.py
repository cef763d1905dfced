from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery import events
from delivery.aws import Aws
from delivery.events import Event, in_order, root_cause

STACK, NAT, ROLE = "AWS::CloudFormation::Stack", "AWS::EC2::NatGateway", "AWS::IAM::Role"


def event(
    second: int, path: str, type_: str, reason: str = "", status: str = "CREATE_FAILED"
) -> Event:
    *above, logical_id = path.split("/")
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return Event(tuple(above), logical_id, type_, status, reason, at)


def test_the_root_cause_is_the_first_resource_that_failed_by_itself() -> None:
    cause = event(2, "Network/NatGatewayA", NAT, "no such subnet")
    assert (
        root_cause(
            [
                event(1, "Network/Role", ROLE, status="CREATE_COMPLETE"),
                cause,
                event(3, "Network/Other", ROLE, "Resource creation cancelled"),
                event(4, "Network", STACK, "Embedded stack was not successfully created"),
                event(5, "Late", ROLE, "another reason"),
            ]
        )
        == cause
    )


def test_a_resource_cancelled_earlier_than_the_cause_is_told_is_not_the_cause() -> None:
    cause = event(2, "Network/NatGatewayA", NAT, "no such subnet")
    assert root_cause([event(1, "Role", ROLE, "Resource update canceled"), cause]) == cause


def test_a_nested_stack_that_never_began_is_itself_the_cause() -> None:
    cause = event(1, "Services/Api", STACK, "Parameters: [ImageDigest] must have values")
    above = event(2, "Services", STACK, "Embedded stack was not successfully created")
    assert root_cause([cause, above]) == cause


def test_nothing_failed_nothing_is_the_cause() -> None:
    assert root_cause([event(1, "Role", ROLE, status="CREATE_COMPLETE")]) is None


def test_a_stack_ends_after_all_that_is_in_it_also_within_one_millisecond() -> None:
    done = "CREATE_COMPLETE"
    root = event(2, "tiny-dev", STACK, status=done)
    services = event(2, "Services", STACK, status=done)
    service = event(2, "Services/Api", STACK, status=done)
    role = event(2, "Services/Api/Role", ROLE, status=done)
    earlier = event(1, "Late", ROLE, status=done)
    assert in_order([services, root, service, role, earlier]) == [
        earlier,
        role,
        service,
        services,
        root,
    ]


ROOT = "arn:aws:cloudformation:us-east-1:111122223333:stack/tiny-dev/d"


def history(*statuses: str) -> dict[str, Any]:
    """An answer with the events of the root, the newest first; the oldest has the id 1."""
    return {
        "StackEvents": [
            {
                "EventId": str(len(statuses) - n),
                "StackId": ROOT,
                "StackName": "tiny-dev",
                "LogicalResourceId": "tiny-dev",
                "PhysicalResourceId": ROOT,
                "ResourceType": STACK,
                "ResourceStatus": status,
                "Timestamp": datetime(2026, 1, 1, tzinfo=UTC) - timedelta(seconds=n),
            }
            for n, status in enumerate(statuses)
        ]
    }


@pytest.mark.parametrize(
    ("newest_first", "last"),
    [
        (["CREATE_IN_PROGRESS"], None),
        (["CREATE_COMPLETE", "CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS"], "1"),
        (["UPDATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_IN_PROGRESS"], "2"),
        (
            [
                "UPDATE_COMPLETE",
                "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                "UPDATE_IN_PROGRESS",
                "CREATE_COMPLETE",
            ],
            "1",
        ),
        (["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"], "2"),
    ],
)
def test_an_operation_begins_after_the_end_of_the_one_before(
    aws: Aws, newest_first: list[str], last: str | None
) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_response("describe_stack_events", history(*newest_first))
        assert events.last_before(aws, ROOT) == last
