"""Change sets over a whole nest of stacks: made, waited for, read, executed, deleted.

Nested change sets belong to the root's: only the root's is executed or deleted.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from delivery import denied
from delivery.aws import Aws, error_code, error_message, explained
from delivery.changes import Change
from delivery.diagnosis import refused
from delivery.errors import DeliveryError
from delivery.polling import pauses
from delivery.reading import changes, describe
from delivery.request import Request
from delivery.stacks import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
    )


Tell = Callable[[str], None]
"""What says a sentence to people."""


@dataclass(frozen=True)
class ChangeSet:
    """A change set that is ready to be executed."""

    arn: str
    stack_id: str
    changes: tuple[Change, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The values that were reviewed, if it was found again; none that CloudFormation masks."""


def create(aws: Aws, request: Request, stack: Stack | None, tell: Tell) -> ChangeSet | None:
    """Make a change set for the stack as it is now (None: absent), or find it, and wait for it.

    Returns None where nothing would change; such a change set is not kept. A wait without an end
    is no silent one: ``tell`` says now and then what is waited for. Raises ``DeliveryError``
    with CloudFormation's reason, the nested stack's own where one is to blame.
    """
    with explained(), _not_overtaken(request.stack_name):
        try:
            found = _make(aws, request, stack)
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise
            # Asked for before, also by a call that was repeated because nothing came back.
            there = _find(aws, request.stack_name, request.name(stack), tell)
            found = there or _make(aws, request, stack)
        return _ready(aws, request.stack_name, found, tell)


def _make(aws: Aws, request: Request, stack: Stack | None) -> str:
    """Ask for the change set and return its ARN."""
    return aws.cloudformation.create_change_set(**request.arguments(stack))["Id"]


def execute(aws: Aws, change_set: ChangeSet) -> bool:
    """Begin to carry out the change set, nested ones included.

    What it creates goes again where it is rolled back, also what a stack retains otherwise: a log
    group that stayed would stand in the way of the next attempt.
    Returns whether that began now. It may have begun before: by a call whose answer was lost, or
    by somebody who reviewed the same.
    """
    stack_name = change_set.stack_id.split("/")[1]
    with explained(), _not_overtaken(stack_name):
        try:
            aws.cloudformation.execute_change_set(
                ChangeSetName=change_set.arn,
                ClientRequestToken=change_set.arn.rpartition("/")[2],
                RetainExceptOnCreate=True,
            )
        except ClientError as error:
            if error_code(error) not in _BEGUN:
                raise
            found = aws.cloudformation.describe_change_set(ChangeSetName=change_set.arn)
            if not found["ExecutionStatus"].startswith(_EXECUTED):
                raise
            return False
    return True


@contextmanager
def _not_overtaken(stack_name: str) -> Iterator[None]:
    """Say who was first where AWS no longer has the change set as it was a moment ago.

    A change set that is executed takes all others of its stack with it.
    Source: API reference, ExecuteChangeSet.
    """
    try:
        yield
    except ClientError as error:
        if error_code(error) not in _OVERTAKEN and not _BUSY.search(error_message(error)):
            raise
        raise _overtaken(stack_name) from error


def _overtaken(stack_name: str) -> DeliveryError:
    return DeliveryError(
        f"Another deployment of {stack_name} came first: the change set of this one can no longer "
        "be carried out. Nothing of it was. Repeat the command: it waits for the other one to end."
    )


@contextmanager
def not_found(arn: str, plan: str) -> Iterator[None]:
    """Say that a change set is not there, where AWS answers so; ``plan`` makes a new one."""
    try:
        yield
    except ClientError as error:
        if error_code(error) not in {"ChangeSetNotFound", "ValidationError"}:
            raise
        raise DeliveryError(
            f"There is no such change set: {arn}. It was deleted, or carried out long ago. "
            f"Make and review a new one with: {plan}"
        ) from error


_OVERTAKEN = {"AlreadyExistsException", "ChangeSetNotFound", "InvalidChangeSetStatus"}
_BUSY = re.compile(
    r"is in \w+_IN_PROGRESS state and can ?not be updated"
    r"|already exists and can ?not be created again"
)
"""What CloudFormation says of a stack that is no longer as it was a moment ago."""
_BEGUN = {"InvalidChangeSetStatus", "TokenAlreadyExistsException", "ValidationError"}
"""What it may answer where a change set is carried out that somebody carries out already."""


def delete(aws: Aws, arn: str) -> None:
    """Delete a root change set, nested ones included, unless that has begun already."""
    with explained():
        try:
            aws.cloudformation.delete_change_set(ChangeSetName=arn)
        except ClientError as error:
            if error_code(error) != "InvalidChangeSetStatus":
                raise
            found = aws.cloudformation.describe_change_set(ChangeSetName=arn)
            if found["Status"] not in _GOING:
                raise


def discard_all(aws: Aws, stack: Stack, tell: Tell) -> None:
    """Delete the change sets of a stack that was never deployed, and wait until they have gone.

    The nested stacks that were made to be reviewed go with them, and with nothing else.
    Source: API reference, DeleteChangeSet.
    """
    waiting = _waits(tell, f"{stack.name}: waits until its change sets are deleted")
    with explained():
        while made := aws.cloudformation.list_change_sets(StackName=stack.id)["Summaries"]:
            for change_set in made:
                _let_go(aws, change_set["ChangeSetId"], change_set["Status"])
            time.sleep(next(waiting))


def _waits(tell: Tell, news: str) -> Iterator[float]:
    return pauses(lambda: tell(news))


def _find(aws: Aws, stack_name: str, name: str, tell: Tell) -> str | None:
    """Return the ARN of that change set if it can still be executed; wait it away if it cannot.

    A root with nested change sets takes a moment to go, and holds its name meanwhile.
    """
    waiting = _waits(tell, f"{stack_name}: waits until an old change set is deleted: {name}")
    while True:
        try:
            found = aws.cloudformation.describe_change_set(StackName=stack_name, ChangeSetName=name)
        except ClientError as error:
            if error_code(error) in {"ChangeSetNotFound", "ValidationError"}:
                return None
            raise
        usable = found["Status"] == "CREATE_COMPLETE" and found["ExecutionStatus"] == "AVAILABLE"
        if usable or found["Status"] in _PENDING:
            return found["ChangeSetId"]
        if found.get("ExecutionStatus", "").startswith(_EXECUTED):
            raise _overtaken(stack_name)
        _let_go(aws, found["ChangeSetId"], found["Status"])
        time.sleep(next(waiting))


def _let_go(aws: Aws, arn: str, status: str) -> None:
    """Delete a change set, unless it is being made or is on its way out already."""
    if status == "DELETE_FAILED":
        raise DeliveryError(
            f"A change set cannot be deleted: {arn}. "
            "Find out why with: aws cloudformation describe-change-set "
            f"--change-set-name {arn} {aws.cli_options}"
        )
    if status not in _PENDING | _GOING:
        delete(aws, arn)


_PENDING = {"CREATE_PENDING", "CREATE_IN_PROGRESS"}
_EXECUTED = "EXECUTE_"
"""How the execution status of a change set begins that somebody has begun to carry out."""
_GOING = {"DELETE_PENDING", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"}
_EMPTY = re.compile(r"didn't contain changes|No updates are to be performed")
"""What CloudFormation says of a change set with nothing in it."""


def _ready(aws: Aws, stack_name: str, arn: str, tell: Tell) -> ChangeSet | None:
    """Wait until the change set is made; None, and no change set, where it is empty."""
    described = describe(aws, arn)
    waiting = _waits(tell, f"{stack_name}: waits until its change set is made: {arn}")
    while described["Status"] in _PENDING:
        time.sleep(next(waiting))
        described = describe(aws, arn)
    if described["Status"] == "CREATE_COMPLETE":
        return ChangeSet(arn, described["StackId"], tuple(changes(aws, arn, described)))
    reason = described.get("StatusReason", "no reason given")
    if _EMPTY.search(reason):
        delete(aws, arn)
        return None
    blamed = _deepest(aws, described)
    reason = blamed.get("StatusReason", "no reason given")
    if told := refused(aws, blamed["ChangeSetId"]):
        reason = "; ".join(told)
    delete(aws, arn)
    hint = f" {denied.hint(reason)}" if denied.denial(reason) else ""
    raise DeliveryError(f"The change set of {blamed['StackName']} was refused: {reason}{hint}")


_NESTED_ARN = re.compile(r"arn:\S+?:changeSet/[^\s,:]+")


def _deepest(
    aws: Aws, described: "DescribeChangeSetOutputTypeDef"
) -> "DescribeChangeSetOutputTypeDef":
    """Follow "Nested change set … was not successfully created" to the one that is to blame."""
    nested = _NESTED_ARN.search(described.get("StatusReason", ""))
    if nested and nested[0] != described["ChangeSetId"]:
        return _deepest(aws, aws.cloudformation.describe_change_set(ChangeSetName=nested[0]))
    return described
