"""``./deploy.sh rollback``: what was deployed before, images and parameters, as a change set."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console

from checks.columns import columns
from delivery import operations, policy, sources, stack_policy, stacks, waves
from delivery.agreement import agreed
from delivery.aws import Aws
from delivery.deployment import Order, Place, packaged
from delivery.errors import DeliveryError, InputError
from delivery.given import command, connect
from delivery.history import Deployment, History, earlier
from delivery.output import confirmed, data, dumps, tell
from delivery.outputs import show
from delivery.preflight import command as preflight
from delivery.preflight.earlier import order_of
from delivery.publish import default_bucket
from delivery.request import Request
from delivery.stacks import Stack, Step, stack_name
from delivery.values import masked
from description import digests
from description.versions import tells_versions


def run(given: argparse.Namespace, console: Console) -> int:
    """Show what would bring the earlier deployment back, and carry it out if that is confirmed.

    What has to be right in the account is looked at before: images of then may have expired, and a
    certificate may have ended. Where an update or a rollback has stopped half way, that is brought
    to its end, and nothing else is done.

    Raises ``DeliveryError`` where there is nothing to go back to or something stands in the way,
    ``RefusedError`` where the policy does not let it happen.
    """
    system = sources.describe(given.system, given.environment)
    rules = policy.load(sources.PROJECT.root)
    aws = connect(given)
    name = stack_name(given.system, given.environment)
    bucket = given.bucket or default_bucket(aws)
    history = History(aws, bucket, given.prefix, name, given.bucket_owner)
    if given.list and (stack := stacks.read(aws, name)):
        _list(history.of(stack), as_json=given.json)
        return 0
    followed: list[Deployment | None] = []
    stack = operations.settle(
        aws, console, name, lambda stack: followed.append(history.catch_up(stack))
    )
    if stack and (why := _half_way(stack, aws)):
        return _go_back(given, aws, console, stack, why)
    if stack is None or stacks.first_step(stack, aws.cli_options) is not Step.UPDATE:
        raise DeliveryError(f"There is nothing to go back to: {name} was never deployed.")
    records = history.of(stack)
    last = followed[-1] if followed else history.catch_up(stack, records)
    if last and last.returned_to and given.to in {None, last.returned_to}:
        tell(console, f"{name}: is back already at what was deployed at {last.returned_to}")
        show(stack, as_json=given.json)
        return 0
    known = [*([last] if last else []), *records]
    target = earlier(known, stack, given.to or history.way_back(stack, known))
    tell(console, f"{name}: back to what was deployed at {target.at}")
    place = Place(aws, bucket, given.prefix, console, given.bucket_owner)
    then = replace(order_of(place, system, given.environment, target), policy=rules)
    preflight.before(place, then, given.skip_check, stack)
    words = [] if given.to else ["--to", target.at]
    left, done = 1, 0
    while left:
        request, left = _next(place, then, target, stack, done)
        request = replace(request, role_arn=given.role_arn)
        change_set = agreed(given, place, request, then, stack, "rollback", *words)
        if change_set is None:
            return 0
        with stack_policy.opened(aws, stack, system.profile, given.allow):
            stack = operations.execute(aws, console, name, change_set)
        done += 1
        if left and given.change_set:
            again = command(given, "rollback", *words)
            tell(console, f"Waves that are left: {left}. Go on with: {again}")
            break
    else:
        history.add(stack, target.template_url, returned_to=target.at)
    show(stack, as_json=given.json)
    return 0


def _next(
    place: Place, then: Order, target: Deployment, stack: Stack, done: int
) -> tuple[Request, int]:
    """Return what is asked for next on the way back, after so many waves that are ``done``, and
    how many are left after it.

    Raises ``InputError`` where CloudFormation does not take it, however it is cut.
    """
    values = _parameters(target, stack)
    whole = Request(stack.name, target.template_url, values, stack.own_tags, returned_to=target.at)
    order = replace(then, services=digests.pinned_by(then.parent, stack.parameters))
    known = packaged(place, order)
    try:
        found = waves.to_deploy(place.aws, order, values, stack, known, stack.own_tags)
    except InputError as error:
        raise InputError(
            f"{error} Or go back to another deployment with --to: ./deploy.sh rollback --list "
            "shows them."
        ) from error
    if len(found) > 1:
        tell(place.console, f"{stack.name}: {waves.told(found, done)}")
    return waves.request(found, whole, order.services, stack), len(found) - 1


def _half_way(stack: Stack, aws: Aws) -> str:
    """Return why there is no going on but back, if it is so."""
    step, why = stacks.decision(stack, aws.cli_options)
    return why if step in stacks.HALF_WAY else ""


def _go_back(given: argparse.Namespace, aws: Aws, console: Console, stack: Stack, why: str) -> int:
    """Undo what stopped half way, if that is confirmed."""
    tell(console, f"{stack.name} is in {stack.status}: {why.partition('. ')[0]}")
    if not given.yes and not confirmed(console, stack.name, "bring back what ran before"):
        again = command(given, "rollback", "--yes")
        tell(console, f"Nothing is changed yet. Bring back what ran before with: {again}")
        return 0
    done = operations.go_back(aws, console, stack, given.role_arn)
    tell(
        console, f"{stack.name}: what ran before is back. Repeat the command for what ran earlier."
    )
    show(done, as_json=given.json)
    return 0


def _parameters(target: Deployment, stack: Stack) -> dict[str, str | None]:
    """Return the values of then; those that CloudFormation does not tell stay as they are, and so
    do versions of secrets: their values do not come back.
    """
    kept = {
        name: None
        for name, value in stack.parameters.items()
        if masked(value) or tells_versions(name)
    }
    return kept | dict(target.parameters)


def _list(records: Sequence[Deployment], *, as_json: bool) -> None:
    """Print the deployments, each with what it changed, the newest first."""
    table = list(_rows(records))
    if as_json:
        data(dumps({"deployments": [{"at": at, "changed": what} for at, what in table]}))
        return
    for line in columns([("Deployed at", "Changed"), *((at, ", ".join(w)) for at, w in table)]):
        data(line)


def _rows(records: Sequence[Deployment]) -> Iterator[tuple[str, list[str]]]:
    for newer, older in zip(records, [*records[1:], None], strict=True):
        if older is None:
            yield newer.at, ["everything recorded"]
            continue
        now, then = digests.one_by_one(newer.parameters), digests.one_by_one(older.parameters)
        names = sorted(n for n in now.keys() | then.keys() if now.get(n) != then.get(n))
        templates = ["templates"] if newer.template_url != older.template_url else []
        back = [f"back to {newer.returned_to}"] if newer.returned_to else []
        restarted = newer.restarted(older)
        restart = [f"restart of {', '.join(restarted)}"] if restarted else []
        yield newer.at, [*back, *templates, *names, *restart] or ["tags, or what is not recorded"]
