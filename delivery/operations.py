"""Operations that AWS carries out on a stack: begun, watched, and explained if they fail.

AWS goes on whatever becomes of the program that watches. Whoever comes next joins in: an operation
that runs is followed to its end before another one begins.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console

from delivery import changesets, events, progress, stacks
from delivery.aws import Aws, explained
from delivery.changesets import ChangeSet
from delivery.diagnosis import failure
from delivery.errors import DeliveryError, UnwatchedError
from delivery.events import root_cause
from delivery.output import tell
from delivery.stacks import NESTED, Stack, Step

_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def busy(aws: Aws, stack: Stack) -> bool:
    """Return whether an operation runs on the stack that can be waited for."""
    return stacks.decision(stack, aws.cli_options)[0] is Step.WAIT


def settle(
    aws: Aws, console: Console, name: str, joined: Callable[[Stack], object]
) -> Stack | None:
    """Return the stack of that name when nothing runs on it any more; None where there is none.

    ``joined`` hears what the stack has become by an operation that was followed to its end.
    Raises ``DeliveryError`` with the root cause where what ran on it has failed: somebody should
    know that before the next operation begins.
    """
    followed = False
    while stack := stacks.read(aws, name):
        if not busy(aws, stack):
            if followed:
                joined(stack)
            return stack
        followed = True
        if failed := join(aws, console, stack):
            raise DeliveryError(f"What ran already has failed, nothing else was begun. {failed}")
    return None


def join(aws: Aws, console: Console, stack: Stack) -> str:
    """Follow the operation that runs on a stack to its end; return why it failed, if it did."""
    tell(console, f"{stack.name}: is in {stack.status}, follows that to its end")
    with _goes_on(stack.name), _unwatched(stack.name):
        seen = _watch(aws, console, stack.name, stack.id, events.last_before(aws, stack.id))
    now = stacks.read(aws, stack.id)
    if now is None or now.status in _DONE or not root_cause(seen):
        return ""
    return failure(aws, stack.name, now, seen)


def execute(aws: Aws, console: Console, name: str, change_set: ChangeSet) -> Stack:
    """Carry out a change set, watch it to its end, and return the stack as it is then.

    Raises ``DeliveryError`` with the root cause where that fails, and where something else has
    begun on the stack since.
    """
    newest = events.newest_event(aws, change_set.stack_id)
    with _goes_on(name):
        if not changesets.execute(aws, change_set):
            newest = events.last_before(aws, change_set.stack_id)
        with _unwatched(name):
            nested = {one.address for one in change_set.changes if one.type == NESTED}
            seen = _watch(aws, console, name, change_set.stack_id, newest, nested)
    stack = stacks.read(aws, change_set.stack_id)
    if stack and (busy(aws, stack) or stack.change_set not in {"", change_set.arn}):
        raise DeliveryError(
            f"Another deployment of {name} began as soon as this one had ended: what is there now "
            "is that one's. Repeat the command: it waits for it to end."
        )
    if stack is None or stack.status not in _DONE:
        raise DeliveryError(failure(aws, name, stack, seen))
    return stack


def go_back(aws: Aws, console: Console, stack: Stack, role_arn: str = "") -> Stack:
    """Bring a stack whose update or rollback stopped half way back to what ran before it; watch
    that to its end, and return the stack as it is then.

    ``role_arn`` is the role to act with, if another than the stack has. Raises ``DeliveryError``
    with the root cause where something stops it again.

    Source: CloudFormation API reference, ContinueUpdateRollback and RollbackStack; both are for the
    stack that nests the others.
    """
    newest = events.newest_event(aws, stack.id)
    role: dict[str, Any] = {"RoleARN": role_arn} if role_arn else {}
    with _goes_on(stack.name):
        with explained():
            if stacks.decision(stack, aws.cli_options)[0] is Step.CONTINUE:
                aws.cloudformation.continue_update_rollback(StackName=stack.id, **role)
            else:
                aws.cloudformation.rollback_stack(StackName=stack.id, **role)
        with _unwatched(stack.name):
            seen = _watch(aws, console, stack.name, stack.id, newest)
    now = stacks.read(aws, stack.id)
    if now is None or now.status != "UPDATE_ROLLBACK_COMPLETE":
        raise DeliveryError(failure(aws, stack.name, now, seen))
    return now


def delete_stack(aws: Aws, console: Console, stack: Stack) -> None:
    """Delete a stack with all that is nested in it, and watch it to its end.

    Raises ``DeliveryError`` with the root cause where something of it stays that should go.
    """
    if not stack.deployed:
        changesets.discard_all(aws, stack, partial(tell, console))
    newest = events.newest_event(aws, stack.id)
    now = stacks.read(aws, stack.id)
    if now is None or now.status == "DELETE_COMPLETE":
        return
    with _goes_on(stack.name):
        if now.status == "DELETE_IN_PROGRESS":
            newest = events.last_before(aws, stack.id)
        else:
            with explained():
                aws.cloudformation.delete_stack(StackName=stack.id)
        with _unwatched(stack.name):
            seen = _watch(aws, console, stack.name, stack.id, newest)
    left = stacks.read(aws, stack.id)
    if left and left.status != "DELETE_COMPLETE":
        raise DeliveryError(failure(aws, stack.name, left, seen, deleting=True))


@contextmanager
def _goes_on(name: str) -> Iterator[None]:
    """Tell whoever stops this program that AWS does not stop."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise UnwatchedError(
            f"Interrupted. AWS goes on with {name}: the repeated command follows that to its end."
        ) from error


@contextmanager
def _unwatched(name: str) -> Iterator[None]:
    """Tell where AWS can no longer be asked that it goes on."""
    try:
        yield
    except DeliveryError as error:
        raise DeliveryError(
            f"{error} AWS goes on with {name} meanwhile: "
            "the repeated command follows that to its end."
        ) from error


def _watch(
    aws: Aws,
    console: Console,
    name: str,
    stack_id: str,
    newest: str | None,
    changing: Collection[str] | None = None,
) -> list[events.Event]:
    def say(text: str) -> None:
        tell(console, f"{name}: {text}")

    batches = events.follow(aws, stack_id, newest, say, changing)
    return progress.show(console, name, batches)
