"""The command line of ``./deploy.sh``: a function for each command."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console

from delivery import (
    arguments,
    deployment,
    diff,
    dismantling,
    drift,
    images,
    instances,
    operations,
    policy,
    protection,
    removal,
    reports,
    restart,
    review,
    rollback,
    secrets,
    sources,
    stack_policy,
    stacks,
    strangers,
)
from delivery.aws import explained
from delivery.bucket import bootstrap
from delivery.deployment import Order, Review
from delivery.doctor import command as doctor
from delivery.errors import DeliveryError, InputError
from delivery.given import begin, command, connect
from delivery.launch import INTERRUPTED
from delivery.output import complain, confirmed, data, show_outputs, tell, write
from delivery.policy import refuse
from delivery.preflight import command as preflight
from delivery.publish import default_bucket
from description.load import DescriptionError
from description.model import Profile


def main(words: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; what went wrong is one message on stderr."""
    words = sys.argv[1:] if words is None else words
    commands: dict[str, arguments.Command] = {
        "plan": _plan,
        "deploy": _deploy,
        "check": preflight.check,
        "diff": diff.run,
        "images": images.run,
        "secrets": secrets.run,
        "restart": restart.run,
        "rollback": rollback.run,
        "doctor": doctor.run,
        "drift": drift.run,
        "outputs": _outputs,
        "destroy": _destroy,
        "bootstrap": _bootstrap,
    }
    given = arguments.parser(commands).parse_args(words)
    given.words = words
    console = Console(stderr=True, highlight=False, emoji=False)
    return guarded(console, lambda: int(given.run(given, console)))


def guarded(console: Console, run: Callable[[], int]) -> int:
    """Return the exit code of ``run``, or the one of what stopped it, told in one message."""
    try:
        with explained():
            return run()
    except DescriptionError as error:
        complain(console, error)
        return InputError.exit_code
    except DeliveryError as error:
        complain(console, error)
        return error.exit_code
    except KeyboardInterrupt:
        complain(console, "Interrupted.")
        return INTERRUPTED


def _plan(given: argparse.Namespace, console: Console) -> int:
    place, order = begin(given, console)
    stack = stacks.read(place.aws, order.stack_name)
    preflight.before(place, order, given.skip_check, stack)
    made = deployment.plan(place, order, stack)
    _name_missing_images(given, console, made)
    arn = made.change_set.arn if made.change_set else None
    carry_out = command(given, "deploy", *(["--change-set", arn] if arn else []))
    if given.markdown:
        write(given.markdown, _as_markdown(order, made, carry_out))
    if given.json:
        data(_as_json(order, made))
    elif arn:
        out = Console(highlight=False, emoji=False)
        review.show(out, order.stack_name, made.changes, order.policy)
        data(arn)
    if arn is None:
        tell(console, f"{order.stack_name}: no changes")
    refuse(made.refusals)
    if arn:
        tell(console, f"Nothing is changed yet. Carry it out with: {carry_out}")
    return 0


def _deploy(given: argparse.Namespace, console: Console) -> int:
    place, order = begin(given, console)
    joined = partial(deployment.catch_up, place)
    stack = operations.settle(place.aws, console, order.stack_name, joined)
    prepare = partial(preflight.prepare, place, order, given.skip_check, stack)

    def before(made: Review) -> None:
        if given.change_set and made.change_set:
            prepare(made.change_set.parameters)
            return
        asks = order.profile is Profile.PRODUCTION and not given.yes
        if asks and order.policy.ask_for_attention(made.changes):
            confirmed(console, order.stack_name, "carry it out")  # a pipeline is not asked

    if not given.change_set:
        prepare()
    deployed = deployment.deploy(place, order, given.change_set, stack, before)
    protection.protect(place.aws, console, deployed.stack, order.profile)
    stack_policy.guard(
        place.aws, console, deployed.stack, order.profile, order.templates, order.policy
    )
    _name_missing_images(given, console, deployed.review)
    if (left := len(deployed.review.waves) - 1) > 0:
        words = command(given, "deploy")
        tell(console, f"Waves that are left: {left}. Go on with: {words}")
    show_outputs(deployed.stack, as_json=given.json)
    return 0


def _outputs(given: argparse.Namespace, console: Console) -> int:
    aws = connect(given)
    name = deployment.stack_name(given.system, given.environment)
    stack = stacks.read(aws, name)
    if stack is None:
        sources.description_of(given.system)
        raise DeliveryError(
            f"There is no stack {name} in {aws.region}. Make it with: {command(given, 'deploy')}"
        )
    if not stack.outputs:
        tell(console, f"{name} is in {stack.status} and has no outputs")
    show_outputs(stack, as_json=given.json)
    return 0


def _destroy(given: argparse.Namespace, console: Console) -> int:
    aws = connect(given)
    name = deployment.stack_name(given.system, given.environment)
    stack = stacks.read(aws, name)
    if stack is None:
        sources.description_of(given.system)
        tell(console, f"There is no stack {name} in {aws.region}: nothing to do")
        return 0
    if operations.busy(aws, stack):
        operations.join(aws, console, stack)
        stack = stacks.read(aws, stack.id) or stack
    if stack.status == "DELETE_IN_PROGRESS":
        operations.delete_stack(aws, console, stack)
        return 0
    removal.check(aws, stack, command(given, "deploy"))
    found = removal.resources(aws, stack)
    others = strangers.find(aws, found, lambda text: tell(console, f"{name}: {text}"))
    strangers.check(aws, name, others)
    kept = [resource for resource in found if resource.retained]
    tell(
        console,
        f"{name} in account {aws.account}, {aws.region}: {len(found) - len(kept)} resources will "
        f"be deleted, {len(kept)} stay",
    )
    for line in removal.told(found, policy.load(sources.PROJECT.root)):
        tell(console, f"  {line}")
    for bucket in removal.to_empty(found):
        tell(console, f"  is emptied first: {bucket.address} {bucket.physical_id}")
    for stranger in others:
        tell(console, f"  is removed first, GuardDuty made it for this VPC: {stranger}")
    stale = instances.left(aws, stack, found)
    for instance in stale:
        tell(console, f"  is deregistered first, no task is behind it: {instance}")
    if not given.yes and not confirmed(console, name, "delete it"):
        raise InputError(f"Nobody is here to confirm that {name} goes. Give --yes.")
    strangers.remove(aws, others, lambda text: tell(console, f"{name}: {text}"))
    instances.deregister(aws, stale, lambda text: tell(console, f"{name}: {text}"))
    for address, count in removal.empty(aws, found).items():
        tell(console, f"{name}: {address} is empty: {count} versions of objects deleted")
    dismantling.delete(aws, console, stack, found)
    return 0


def _bootstrap(given: argparse.Namespace, console: Console) -> int:
    aws = connect(given)
    name = given.bucket or default_bucket(aws)
    done = 0
    for step in bootstrap(aws, name, given.bucket_owner):
        tell(console, f"{name}: {step}")
        done += 1
    if not done:
        tell(console, f"{name}: is as it should be")
    data(name)
    return 0


def _as_json(order: Order, made: Review) -> str:
    document = reports.as_json(order.stack_name, made.changes, order.policy, made.refusals)
    arn = made.change_set.arn if made.change_set else None
    found = [{"services": one.services, "resources": one.resources} for one in made.waves]
    more = {"changeSet": arn, "missingImages": made.missing_images, "waves": found}
    return reports.dumps({**document, **more})


def _as_markdown(order: Order, made: Review, carry_out: str) -> str:
    notes = [f"```bash\n{carry_out}\n```"] if made.change_set else []
    return reports.as_markdown(order.stack_name, made.changes, order.policy, made.refusals, *notes)


def _name_missing_images(given: argparse.Namespace, console: Console, reviewed: Review) -> None:
    """Say which services are left out, and the command that brings them in."""
    if not reviewed.missing_images:
        return
    images = [f"--image {service}=sha256:…" for service in reviewed.missing_images]
    them = "it" if len(images) == 1 else "them"
    tell(
        console,
        f"No image is known for {', '.join(reviewed.missing_images)}: left out until there is one. "
        f"Push {them}, then: {' '.join([command(given, 'deploy'), *images])}",
    )
