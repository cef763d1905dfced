"""One deployment, step by step: publish, review, execute, watch."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from rich.console import Console

from checks.parameters import SUFFIX, value_mistakes
from delivery import changesets, parameters, publish, review, stack_policy, stacks, tags, waves
from delivery.aws import Aws, explained
from delivery.certainty import ruled_out
from delivery.changes import Change
from delivery.changesets import ChangeSet
from delivery.errors import DeliveryError, InputError
from delivery.history import History
from delivery.operations import delete_stack, execute, settle
from delivery.output import tell
from delivery.policy import Policy, Refusal, refuse
from delivery.publish import PARENT, Packaged
from delivery.request import Request
from delivery.reviewed import Wanted, find, read, tags_of
from delivery.stacks import Stack, Step, Unread, stack_name
from delivery.templates import template
from delivery.waves import Wave
from description import digests
from description.profiles import Profile


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
    keep_tags: bool = False
    """Whether a stack that is deployed keeps the tags that it has, and gets no others."""
    profile: Profile = Profile.PRODUCTION
    """Of which kind the environment is: what the policy refuses depends on it."""
    policy: Policy = field(default_factory=Policy)
    allowed: tuple[str, ...] = ()
    """Addresses of changes that the policy would refuse, and that are wanted."""
    role_arn: str = ""
    """The role that CloudFormation acts with, if another than the stack has."""

    @property
    def folder(self) -> str:
        """Where the templates are below a prefix of the bucket, and below a folder of builds."""
        return f"{self.system}/{self.profile}"

    @property
    def stack_name(self) -> str:
        """The parent stack's name."""
        return stack_name(self.system, self.environment)

    @property
    def given(self) -> dict[str, str]:
        """The parameters of the parent that are given."""
        return {SUFFIX: self.environment, **self.parameters}

    @cached_property
    def parent(self) -> dict[str, Any]:
        """The parent template."""
        parent: dict[str, Any] = json.loads(self.templates[PARENT])
        return parent

    @property
    def declared(self) -> dict[str, Any]:
        """The parent template's parameters."""
        declared: dict[str, Any] = self.parent.get("Parameters", {})
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
    refusals: tuple[Refusal, ...]
    """Changes that the policy does not let happen here."""
    template_url: str
    """Where the parent template is."""
    waves: tuple[Wave, ...] = ()
    """Where one operation is not enough: this one, and those that are to follow."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would change."""
        return self.change_set.changes if self.change_set else ()


@dataclass(frozen=True)
class Deployed:
    """What a deployment came to."""

    stack: Stack
    review: Review


def packaged(place: Place, order: Order) -> dict[str, Packaged]:
    """Return the templates by name as they are stored there, or would be. Calls nothing."""
    return publish.packaged(
        order.templates,
        aws=place.aws,
        bucket=place.bucket,
        folder=order.folder,
        prefix=place.prefix,
    )


def plan(
    place: Place, order: Order, stack: Stack | Unread | None = Unread.YET, done: int = 0
) -> Review:
    """Publish the templates and make a change set, or find that there is nothing to change.

    Where that takes several waves, it is the change set of the first, or of the next after those
    ``done``. ``stack`` is the stack as it is, if somebody has looked already.
    Raises ``InputError`` for wrong parameters or tags, and for what no waves can bring;
    ``DeliveryError`` where AWS or the stack's status stands in the way.
    """
    stack = stacks.known(place.aws, order.stack_name, stack)
    options = place.aws.cli_options
    if stacks.first_step(stack, options) is Step.RECREATE:
        words = f"{order.system} {order.environment} {options}"
        raise DeliveryError(
            f"Stack {order.stack_name} is in ROLLBACK_COMPLETE: its creation failed, and nothing "
            "can be reviewed over what is left. Remove it and create the stack with: "
            f"./deploy.sh deploy {words}. Only remove it with: ./deploy.sh destroy {words}"
        )
    values = values_to_send(order, stack)
    stack_tags = tags.compose(
        given=order.given_tags,
        file=order.file_tags,
        environment=order.ci,
        stack=stack,
        now=datetime.now(UTC),
        keep=order.keep_tags,
    )
    found = waves.to_deploy(place.aws, order, values, stack, packaged(place, order), stack_tags)
    missing = _missing_images(order, values, stack)
    if len(found) > 1:
        tell(place.console, f"{order.stack_name}: {waves.told(found, done)}")
    published = publish.publish(
        order.templates,
        aws=place.aws,
        bucket=place.bucket,
        folder=order.folder,
        prefix=place.prefix,
        bucket_owner=place.bucket_owner,
    )
    tell(
        place.console,
        f"{order.stack_name}: {len(published.uploaded)} templates sent to {place.bucket}, "
        f"{len(published.unchanged)} were there",
    )
    whole = Request(order.stack_name, published.parent_url, values, stack_tags, order.role_arn)
    request = waves.request(found, whole, order.services, stack)
    try:
        change_set = changesets.create(place.aws, request, stack, partial(tell, place.console))
    except DeliveryError as error:
        advice = parameters.ssm_advice(order.declared, values, stack, str(error))
        if not advice:
            raise
        raise DeliveryError(f"{error} {advice} {place.aws.cli_options}") from error
    made = _review(place, order, stack, change_set, missing, published.parent_url)
    return replace(made, waves=tuple(found))


def reviewed(place: Place, order: Order, arn: str, stack: Stack | None) -> Review:
    """Return the review of the change set ``arn``, if it is still what would be made of ``stack``.

    Raises ``InputError`` where it is no change set of this stack, ``DeliveryError`` where it is out
    of date.
    """
    again = f"./deploy.sh plan {order.system} {order.environment} {place.aws.cli_options}"
    known = packaged(place, order)
    asked = read(place.aws, arn, order.stack_name, again)
    found = waves.to_deploy(
        place.aws, order, values_to_send(order, stack), stack, known, tags_of(asked)
    )
    parent = json.loads(known[PARENT].body)
    later = {name for wave in found[1:] for name in wave.services}
    given = digests.without(order.given, later)
    if stack and found[0].leaving:
        with explained():
            parent = template(place.aws, stack.id)
        left = digests.emptied(stack.parameters, found[0].services)
        given = {name: value for name, value in left.items() if digests.pins_images(name)}
    wanted = Wanted(order.stack_name, parent, given, again)
    change_set = find(place.aws, asked, wanted, stack)
    made = _review(place, order, stack, change_set, (), known[PARENT].url)
    return replace(made, waves=tuple(found))


def _review(
    place: Place,
    order: Order,
    stack: Stack | None,
    change_set: ChangeSet | None,
    missing: tuple[str, ...],
    template_url: str,
) -> Review:
    changes = change_set.changes if change_set else ()
    refused = refusals(place, order, stack, changes)
    return Review(stack, change_set, missing, refused, template_url)


def refusals(
    place: Place, order: Order, stack: Stack | None, changes: Iterable[Change]
) -> tuple[Refusal, ...]:
    """Return those of the ``changes`` that the policy of the order does not let happen.

    A replacement that is only possible to CloudFormation is none where the templates rule it out.
    """
    found = order.policy.refusals(changes, order.profile, order.allowed)
    if stack and found:
        guarded = [refusal.change for refusal in found]
        known = packaged(place, order)
        kept = ruled_out(place.aws, stack, order.templates, order.given, guarded, known)
        if kept:
            tell(
                place.console,
                f"{order.stack_name}: CloudFormation cannot tell whether these are replaced; by "
                f"their templates they are not: {', '.join(sorted(kept))}",
            )
        found = [refusal for refusal in found if refusal.change.address not in kept]
    return tuple(found)


def deploy(
    place: Place,
    order: Order,
    change_set: str | None = None,
    stack: Stack | Unread | None = Unread.YET,
    before: Callable[[Review], None] = lambda _: None,
) -> Deployed:
    """Bring the stack to what is ordered: review, execute, watch.

    Where CloudFormation does not take it at once, wave by wave. With the ARN of a ``change_set``,
    exactly that is carried out, or nothing. Waits for the end of
    what runs on the stack already, unless somebody has done so and gives the ``stack`` as it is.
    ``before`` gets what will be carried out, and raises where it shall not be.
    Raises ``RefusedError`` where the policy does not let it happen, ``DeliveryError`` with the root
    cause where the operation fails.
    """
    if stack is Unread.YET:
        stack = settle(place.aws, place.console, order.stack_name, partial(catch_up, place))
    if change_set:
        return _carry_out(place, order, reviewed(place, order, change_set, stack), before)
    if stack and stacks.first_step(stack, place.aws.cli_options) is Step.RECREATE:
        tell(
            place.console,
            f"{order.stack_name}: its creation failed before; what is left goes first",
        )
        delete_stack(place.aws, place.console, stack)
        stack = None
    done = 0
    while len((made := plan(place, order, stack, done)).waves) > 1:
        stack = _carry_out(place, order, made, before).stack
        done += 1
    return _carry_out(place, order, made, before)


def _carry_out(
    place: Place, order: Order, made: Review, before: Callable[[Review], None]
) -> Deployed:
    stack = made.stack
    if made.change_set:
        review.show(place.console, order.stack_name, made.changes, order.policy)
        refuse(made.refusals)
        before(made)
        with stack_policy.opened(place.aws, stack, order.profile, order.allowed):
            stack = execute(place.aws, place.console, order.stack_name, made.change_set)
    else:
        tell(place.console, f"{order.stack_name}: no changes")
    if stack is None:
        raise DeliveryError(f"Stack {order.stack_name} cannot be made: its templates are empty.")
    if len(made.waves) <= 1:  # half a system is nothing to go back to
        _record(place, stack, made.template_url)
    return Deployed(stack, made)


def catch_up(place: Place, stack: Stack) -> None:
    """Record what another run has deployed, which perhaps nobody watched to its end."""
    with _recording(place):
        _history(place, stack).catch_up(stack)


def _record(place: Place, stack: Stack, template_url: str) -> None:
    """Record what was deployed, for a rollback; what is deployed stays so if that fails."""
    with _recording(place):
        _history(place, stack).add(stack, template_url)


def _history(place: Place, stack: Stack) -> History:
    return History(place.aws, place.bucket, place.prefix, stack.name, place.bucket_owner)


@contextmanager
def _recording(place: Place) -> Iterator[None]:
    try:
        yield
    except DeliveryError as error:
        tell(place.console, f"A rollback will not know this deployment: {error}")


def values_to_send(order: Order, stack: Stack | None) -> dict[str, str | None]:
    """Return the parameter values to send. Raises ``InputError`` with every mistake in them."""
    values = parameters.merge(order.parent, order.given, stack)
    mistakes = [
        f"{name}: {mistake}"
        for name, value in order.given.items()
        for mistake in value_mistakes(value, order.declared[name])
    ]
    mistakes += [
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
    known = digests.known(parameters.settled(values, stack), order.services)
    return tuple(service for service in order.services if not known.get(service))
