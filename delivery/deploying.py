"""``./deploy.sh plan`` and ``deploy``: what was built, by a change set that is seen first."""

import argparse
from functools import partial

from rich.console import Console

from delivery import deployment, operations, protection, reports, review, stack_policy, stacks
from delivery.deployment import Order, Review
from delivery.given import begin, command
from delivery.output import confirmed, data, dumps, tell, write
from delivery.outputs import show
from delivery.policy import refuse
from delivery.preflight import command as preflight
from description.profiles import Profile


def plan(given: argparse.Namespace, console: Console) -> int:
    """Make a change set and show it; return the exit code."""
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


def deploy(given: argparse.Namespace, console: Console) -> int:
    """Make a change set, or take the one that is given, and carry it out; return the exit code."""
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
    show(deployed.stack, as_json=given.json)
    return 0


def _as_json(order: Order, made: Review) -> str:
    document = reports.as_json(order.stack_name, made.changes, order.policy, made.refusals)
    arn = made.change_set.arn if made.change_set else None
    found = [{"services": one.services, "resources": one.resources} for one in made.waves]
    more = {"changeSet": arn, "missingImages": made.missing_images, "waves": found}
    return dumps({**document, **more})


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
