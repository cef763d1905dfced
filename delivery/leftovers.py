"""What a first creation that failed leaves in the account: retained with a nested stack that was
made already, in the care of no stack, used by nothing.

Names of it are in the way of the next attempt, and keys cost.
"""

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from delivery.aws import Aws, explained
from delivery.stacks import CREATION_FAILED, NESTED, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

REMOVALS: Final[Mapping[str, str]] = {
    "AWS::ECR::Repository": "aws ecr delete-repository --force --repository-name {}",
    "AWS::KMS::Key": "aws kms schedule-key-deletion --key-id {}",
    "AWS::Logs::LogGroup": "aws logs delete-log-group --log-group-name {}",
    "AWS::SecretsManager::Secret": (
        "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {}"
    ),
}
"""The command that removes a resource for good, by its type and with its physical id. What else is
retained has no name that anybody needs, and costs nothing.
"""


def removals(aws: Aws, stack: Stack) -> list[str]:
    """Return the commands that remove what is left of the failed creation of a stack; none where
    the stack was made once: what it retained may have been used.

    Costs a call for each stack of the nest, those included that are deleted: CloudFormation keeps
    their events for 90 days.
    """
    if stack.status not in {*CREATION_FAILED, "DELETE_FAILED"}:
        return []
    with explained():
        events = _events(aws, stack.id)
        if any(_is(one, stack.id, "CREATE_COMPLETE") for one in events):
            return []
        left = list(_left(aws, events))
    return [
        removal(aws, one["ResourceType"], one["PhysicalResourceId"])
        for one in left
        if one["ResourceType"] in REMOVALS
    ]


def removal(aws: Aws, kind: str, physical_id: str) -> str:
    """Return the command that removes a resource for good."""
    return f"{REMOVALS[kind].format(shlex.quote(physical_id))} {aws.cli_options}"


def _left(aws: Aws, events: list["StackEventTypeDef"]) -> Iterator["StackEventTypeDef"]:
    """Yield the events that say of a resource that it stays, by stack."""
    for one in events:
        if one["ResourceStatus"] == "DELETE_SKIPPED":
            yield one
    own = {one["StackId"] for one in events}
    nested = {one.get("PhysicalResourceId") for one in events if one["ResourceType"] == NESTED}
    for stack_id in sorted(one for one in nested - own if one):
        yield from _left(aws, _events(aws, stack_id))


def _events(aws: Aws, stack_id: str) -> list["StackEventTypeDef"]:
    pages = aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    return [event for page in pages for event in page["StackEvents"]]


def _is(event: "StackEventTypeDef", physical_id: str, status: str) -> bool:
    return event.get("PhysicalResourceId") == physical_id and event["ResourceStatus"] == status
