"""One deployment, step by step: publish, review, execute, watch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from rich.console import Console

from checks.parameters import value_mistakes
from delivery import changesets, events, parameters, progress, review, stacks, tags
from delivery.aws import Aws, explained
from delivery.changesets import ChangeSet, Request
from delivery.errors import DeliveryError, InputError, UnwatchedError
from delivery.publish import PARENT, publish
from delivery.stacks import Stack, Step
from description.names import pascal


@dataclass(frozen=True)
class Place:
    """Where templates go, and who says what happens there."""

    aws: Aws
    bucket: str
    prefix: str
    console: Console
    """For people: review and progress."""
    bucket_owner: str | None = None


@dataclass(frozen=True)
class Order:
    """What shall be deployed, and as which environment."""

    system: str
    services: tuple[str, ...]
    templates: Mapping[str, bytes]
    environment: str
    parameters: Mapping[str, str]
    """As given: from the file and the command line, image digests included."""
    file_tags: Mapping[str, str]
    given_tags: Mapping[str, str]
    ci: Mapping[str, str]
    """The environment variables of a CI system that become tags, and no others."""

    @property
    def stack_name(self) -> str:
        """The parent stack's name."""
        return stack_name(self.system, self.environment)

    @cached_property
    def declared(self) -> dict[str, Any]:
        """The parent template's parameters."""
        declared: dict[str, Any] = json.loads(self.templates[PARENT]).get("Parameters", {})
        return declared


@dataclass(frozen=True)
class Review:
    """What a deployment would do, before it does it."""

    stack: Stack | None
    """The stack as it is."""
    change_set: ChangeSet | None
    """None: there is nothing to do."""
    missing_images: tuple[str, ...]
    """Services that have no image yet and are left out."""


@dataclass(frozen=True)
class Deployed:
    """What a deployment came to."""

    stack: Stack
    review: Review


def stack_name(system: str, environment: str) -> str:
    """Return the name of a system's parent stack in an environment."""
    return f"{system}-{environment}"


def digest_parameter(service: str) -> str:
    """Return the name of the parent's parameter for a service's image."""
    return f"{pascal(service)}ImageDigest"


def plan(place: Place, order: Order) -> Review:
    """Publish the templates and make a change set, or find that there is nothing to change.

    Raises ``InputError`` for wrong parameters or tags, ``DeliveryError`` where AWS or the stack's
    status stands in the way.
    """
    stack = stacks.read(place.aws, order.stack_name)
    if stacks.first_step(stack) is Step.RECREATE:
        raise DeliveryError(
            f"Stack {order.stack_name} is in ROLLBACK_COMPLETE: its creation failed, and nothing "
            "can be reviewed over what is left. ./deploy.sh deploy removes it and creates the "
            "stack; ./deploy.sh destroy only removes it."
        )
    values = _values(order, stack)
    stack_tags = tags.compose(
        given=order.given_tags,
        file=order.file_tags,
        environment=order.ci,
        stack=stack,
        now=datetime.now(UTC),
    )
    published = publish(
        order.templates,
        aws=place.aws,
        bucket=place.bucket,
        system=order.system,
        prefix=place.prefix,
        bucket_owner=place.bucket_owner,
    )
    _say(
        place.console,
        f"{order.stack_name}: {len(published.uploaded)} templates sent to {place.bucket}, "
        f"{len(published.unchanged)} were there",
    )
    request = Request(order.stack_name, published.parent_url, values, stack_tags)
    try:
        change_set = changesets.create(place.aws, request, stack, partial(_say, place.console))
    except DeliveryError as error:
        advice = parameters.ssm_advice(order.declared, values, stack, str(error))
        if not advice:
            raise
        raise DeliveryError(f"{error} {advice} {place.aws.cli_options}") from error
    return Review(stack, change_set, _missing_images(order, values, stack))


def deploy(place: Place, order: Order) -> Deployed:
    """Bring the stack to what is ordered: review, execute, watch.

    Raises ``DeliveryError`` with the root cause where the operation fails.
    """
    failed = stacks.read(place.aws, order.stack_name)
    if failed and stacks.first_step(failed) is Step.RECREATE:
        _say(
            place.console,
            f"{order.stack_name}: its creation failed before; what is left goes first",
        )
        delete_stack(place.aws, place.console, failed)
    reviewed = plan(place, order)
    if reviewed.change_set:
        review.show(place.console, order.stack_name, reviewed.change_set.changes)
        stack = execute(place, order.stack_name, reviewed.change_set)
        return Deployed(stack, reviewed)
    _say(place.console, f"{order.stack_name}: no changes")
    if reviewed.stack is None:
        raise DeliveryError(f"Stack {order.stack_name} cannot be made: its templates are empty.")
    return Deployed(reviewed.stack, reviewed)


def execute(place: Place, name: str, change_set: ChangeSet) -> Stack:
    """Carry out a change set, watch it to its end, and return the stack as it is then."""
    newest = events.newest_event(place.aws, change_set.stack_id)
    with _goes_on(name):
        changesets.execute(place.aws, change_set)
        seen = _watch(place.aws, place.console, name, change_set.stack_id, newest)
    stack = stacks.read(place.aws, change_set.stack_id)
    if stack is None or stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeliveryError(_failure(name, stack, seen))
    return stack


def delete_stack(aws: Aws, console: Console, stack: Stack) -> None:
    """Delete a stack with all that is nested in it, and watch it to its end.

    Raises ``DeliveryError`` with the root cause where something of it stays that should go.
    """
    if not stack.deployed:
        changesets.discard_all(aws, stack, partial(_say, console))
    newest = events.newest_event(aws, stack.id)
    with _goes_on(stack.name):
        with explained():
            aws.cloudformation.delete_stack(StackName=stack.id)
        seen = _watch(aws, console, stack.name, stack.id, newest)
    left = stacks.read(aws, stack.id)
    if left and left.status != "DELETE_COMPLETE":
        raise DeliveryError(_failure(stack.name, left, seen))


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
    return progress.show(console, name, events.follow(aws, stack_id, newest))


def _failure(name: str, stack: Stack | None, seen: Iterable[events.Event]) -> str:
    """Say what made an operation fail, and what became of the stack."""
    cause = events.root_cause(seen)
    what = f"{name}/{cause.address} ({cause.type})" if cause else f"Stack {name}"
    why = cause.reason.strip().rstrip(".") if cause else "CloudFormation names no resource"
    return f"{what} failed: {why or cause}. {_aftermath(name, stack)}"


def _aftermath(name: str, stack: Stack | None) -> str:
    """Say what became of a stack whose operation failed, and what to do next."""
    if stack is None:
        return f"Stack {name} is gone."
    became = f"Stack {name} is now in {stack.status}"
    match stacks.decision(stack):
        case (Step.RECREATE, _):
            return f"{became}: nothing of it runs. Correct the cause and repeat the command."
        case (Step.REFUSE, advice):
            return f"{became}: {advice}"
    return f"{became}: what ran before is back. Correct the cause and repeat the command."


def _values(order: Order, stack: Stack | None) -> dict[str, str | None]:
    """Return the parameter values to send. Raises ``InputError`` with every mistake in them."""
    given = {"EnvironmentSuffix": order.environment, **order.parameters}
    values = parameters.merge(order.declared, given, stack)
    mistakes = [
        f"{name}: {mistake}"
        for name, value in given.items()
        for mistake in value_mistakes(value, order.declared[name])
    ] + [
        f"{name}: is missing and has no default"
        for name, declared in order.declared.items()
        if "Default" not in declared and name not in values
    ]
    if mistakes:
        raise InputError(f"Parameters of {order.stack_name}: {'; '.join(mistakes)}.")
    return values


def _missing_images(
    order: Order, values: Mapping[str, str | None], stack: Stack | None
) -> tuple[str, ...]:
    """Return the services whose image is neither given nor deployed."""

    def known(name: str) -> bool:
        value = values.get(name, "")
        return bool(stack and stack.parameters.get(name)) if value is None else bool(value)

    return tuple(s for s in order.services if not known(digest_parameter(s)))


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
