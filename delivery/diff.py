"""``./deploy.sh diff``: what a deployment would do, told from templates without a change set."""

import argparse

from rich.console import Console

from checks.resolved import Place
from delivery import comparison, policy, reports, review, sources, stacks
from delivery.errors import DeliveryError
from delivery.forecast import forecast, obstacles
from delivery.given import connect, order
from delivery.options import DEFAULT_PREFIX
from delivery.output import data, dumps, tell, write
from delivery.publish import default_bucket, packaged
from delivery.stacks import stack_name


def run(given: argparse.Namespace, console: Console) -> int:
    """Compare two builds, or what is deployed with a build; return the exit code.

    Raises ``DeliveryError`` where a replacement cannot succeed, ``RefusedError`` where the policy
    does not let it happen.
    """
    name = stack_name(given.system, given.environment)
    ordered = order(given, sources.describe(given.system, given.environment))
    stack = None
    if given.old:
        place = Place(stack_name=name)
        old = comparison.of_folder(given.old, ordered.folder, given.environment)
    else:
        aws = connect(given)
        stack = stacks.read(aws, name)
        if stack is None or not stack.deployed:
            raise DeliveryError(
                f"There is no stack {name} in {aws.region}: all would be new. "
                "Compare with an earlier build by --from FOLDER."
            )
        place = Place(account=aws.account, region=aws.region, stack_name=name)
        known = packaged(
            ordered.templates,
            aws=aws,
            bucket=default_bucket(aws),
            folder=ordered.folder,
            prefix=DEFAULT_PREFIX,
        )
        old = comparison.of_stack(aws, stack, known)
    new = (
        comparison.of_folder(given.new, ordered.folder, given.environment)
        if given.new
        else comparison.of_build(name, ordered.templates, ordered.given, stack)
    )
    before = old.resolved(place, images=stack is None)
    after = new.resolved(place, images=stack is None)
    changes = forecast(before, after)
    blocked = list(obstacles(changes, before, after))
    refusals = ordered.policy.refusals(changes, ordered.profile, ordered.allowed)
    if given.markdown:
        comment = reports.as_markdown(name, changes, ordered.policy, refusals, *blocked)
        write(given.markdown, comment)
    if given.json:
        document = reports.as_json(name, changes, ordered.policy, refusals)
        data(dumps({**document, "obstacles": blocked}))
    elif changes:
        review.show(Console(highlight=False, emoji=False), name, changes, ordered.policy)
    else:
        tell(console, f"{name}: no changes")
    if blocked:
        raise DeliveryError("\n".join(blocked))
    policy.refuse(refusals)
    return 0
