"""Operations that AWS carries out on a stack: begun, watched, and explained if they fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console

from delivery import changesets, events, progress, stacks
from delivery.aws import Aws, explained
from delivery.changesets import ChangeSet
from delivery.diagnosis import failure
from delivery.errors import DeliveryError, UnwatchedError
from delivery.output import tell
from delivery.stacks import Stack


def execute(aws: Aws, console: Console, name: str, change_set: ChangeSet) -> Stack:
    """Carry out a change set, watch it to its end, and return the stack as it is then."""
    newest = events.newest_event(aws, change_set.stack_id)
    with _goes_on(name):
        changesets.execute(aws, change_set)
        seen = _watch(aws, console, name, change_set.stack_id, newest)
    stack = stacks.read(aws, change_set.stack_id)
    if stack is None or stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeliveryError(failure(aws, name, stack, seen))
    return stack


def delete_stack(aws: Aws, console: Console, stack: Stack) -> None:
    """Delete a stack with all that is nested in it, and watch it to its end.

    Raises ``DeliveryError`` with the root cause where something of it stays that should go.
    """
    if not stack.deployed:
        changesets.discard_all(aws, stack, partial(tell, console))
    newest = events.newest_event(aws, stack.id)
    with _goes_on(stack.name):
        with explained():
            aws.cloudformation.delete_stack(StackName=stack.id)
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
            f"Interrupted. AWS goes on with {name}: "
            "wait until that has ended, then repeat the command."
        ) from error


def _watch(
    aws: Aws, console: Console, name: str, stack_id: str, newest: str | None
) -> list[events.Event]:
    batches = events.follow(aws, stack_id, newest, lambda text: tell(console, f"{name}: {text}"))
    return progress.show(console, name, batches)
