"""``./deploy.sh destroy``: a stack is deleted, after its name was typed."""

import argparse

from rich.console import Console

from delivery import (
    dismantling,
    instances,
    leftovers,
    operations,
    policy,
    protection,
    removal,
    sources,
    stacks,
    strangers,
)
from delivery.errors import InputError
from delivery.given import command, connect
from delivery.output import confirmed, data, tell


def run(given: argparse.Namespace, console: Console) -> int:
    """Say what will go and what will stay, ask, and delete the stack; return the exit code."""
    rules = policy.load(sources.PROJECT.root)
    aws = connect(given)
    name = stacks.stack_name(given.system, given.environment)
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
    for line in removal.told(found, rules):
        tell(console, f"  {line}")
    for bucket in removal.to_empty(found):
        tell(console, f"  is emptied first: {bucket.address} {bucket.physical_id}")
    for stranger in others:
        tell(console, f"  is removed first, GuardDuty made it for this VPC: {stranger}")
    protected = [] if stacks.can_be_updated(stack) else protection.balancers(aws, found)
    for balancer in protected:
        tell(console, f"  loses its protection first: {balancer.address} {balancer.physical_id}")
    stale = instances.left(aws, stack, found)
    for instance in stale:
        tell(console, f"  is deregistered first, no task is behind it: {instance}")
    if not given.yes and not confirmed(console, name, "delete it"):
        raise InputError(f"Nobody is here to confirm that {name} goes. Give --yes.")
    protection.take_away(aws, protected)
    strangers.remove(aws, others, lambda text: tell(console, f"{name}: {text}"))
    instances.deregister(aws, stale, lambda text: tell(console, f"{name}: {text}"))
    for address, count in removal.empty(aws, found).items():
        tell(console, f"{name}: {address} is empty: {count} versions of objects deleted")
    dismantling.delete(aws, console, stack, found)
    if left := leftovers.removals(aws, stack):
        tell(
            console,
            f"{name}: {len(left)} things that its failed creation has made are still there, in the "
            "care of no stack. Nothing uses them; with their names taken, no other creation "
            "succeeds. Remove them for good with:",
        )
        for line in left:
            data(line)
    return 0
