"""``./deploy.sh drift``: what differs from what was deployed, over all nested stacks.

CloudFormation looks at one stack at a time and leaves out those nested in it.
Source: CloudFormation User Guide, "Detect drift on an entire CloudFormation stack".
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from checks.columns import columns
from delivery import values
from delivery.aws import Aws, explained
from delivery.given import command, deployed
from delivery.nest import members
from delivery.output import data, dumps, tell
from delivery.polling import pauses
from delivery.stacks import NESTED

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import StackResourceDriftStatusType
    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

_DIFFERENT: "list[StackResourceDriftStatusType]" = ["MODIFIED", "DELETED"]


@dataclass(frozen=True)
class Difference:
    """One property that is not as it was deployed, or a resource that is gone."""

    address: str
    type: str
    physical_id: str
    status: str
    """``MODIFIED`` or ``DELETED``."""
    property: str
    """The path of the property, empty where the resource is gone."""
    expected: str | None
    actual: str | None


def run(given: argparse.Namespace, console: Console) -> int:
    """Print every difference as one table; 1 where there is one. Changes nothing."""
    aws, stack = deployed(given)
    name = stack.name
    nested = {"/".join((*m.path, m.logical_id)): m for m in members(aws, stack.id)}
    ids = {"": stack.id, **{a: m.physical_id for a, m in nested.items() if m.type == NESTED}}
    with explained():
        failed = detect(aws, ids, lambda: tell(console, f"{name}: still looking"))
        found = [one for path, stack_id in ids.items() for one in differences(aws, path, stack_id)]
    if given.json:
        data(dumps([asdict(one) for one in found]))
    else:
        for line in columns([_cells(one) for one in found]) if found else ():
            data(line)
    for path, why in failed.items():
        tell(console, f"{path or name}: not wholly looked at: {why}")
    drifted = len({one.address for one in found})
    tell(console, f"{name}: {drifted or 'nothing'} of {len(nested)} resources differs")
    if found:
        tell(
            console,
            "Put back by hand what nobody wanted. What is wanted belongs into the description; "
            f"see then: {command(given, 'plan')}",
        )
    return 1 if found or failed else 0


def detect(aws: Aws, ids: dict[str, str], still: Callable[[], object]) -> dict[str, str]:
    """Let CloudFormation look at all stacks at once, and wait until it has.

    ``ids`` are their ids by path. Return why it could not look at all of some stack, by path.
    """
    api = aws.cloudformation
    looking = {
        path: api.detect_stack_drift(StackName=stack_id)["StackDriftDetectionId"]
        for path, stack_id in ids.items()
    }
    failed = {}
    for path, detection in looking.items():
        for pause in pauses(still):
            said = api.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
            if said["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
            time.sleep(pause)
        if said["DetectionStatus"] == "DETECTION_FAILED":
            failed[path] = said.get("DetectionStatusReason", "CloudFormation gives no reason")
    return failed


def differences(aws: Aws, path: str, stack_id: str) -> Iterator[Difference]:
    """Yield what differs in the stack ``stack_id``, which is at ``path``, after it was detected."""
    token: dict[str, str] = {}
    while True:
        page = aws.cloudformation.describe_stack_resource_drifts(
            StackName=stack_id,
            StackResourceDriftStatusFilters=_DIFFERENT,
            MaxResults=100,
            **token,
        )
        for drift in page["StackResourceDrifts"]:
            yield from _of_resource(path, drift)
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _of_resource(path: str, drift: "StackResourceDriftTypeDef") -> Iterator[Difference]:
    address = f"{path}/{drift['LogicalResourceId']}".lstrip("/")
    what = (address, drift["ResourceType"], drift.get("PhysicalResourceId", ""))
    status = drift["StackResourceDriftStatus"]
    properties = drift.get("PropertyDifferences", ())
    if status == "DELETED" or not properties:
        yield Difference(*what, status, "", None, None)
        return
    for one in properties:
        place = one["PropertyPath"].lstrip("/")
        # A property that only one side has is null on the other.
        sides = (one["ExpectedValue"], one["ActualValue"])
        expected, actual = (None if v == "null" else values.shown(place, v) for v in sides)
        yield Difference(*what, status, place, expected, actual)


def _cells(one: Difference) -> tuple[str, ...]:
    change = f"{one.property}: {one.expected or '-'} → {one.actual or '-'}" if one.property else ""
    return (one.status, one.address, one.type, change)
