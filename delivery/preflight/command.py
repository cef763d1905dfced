"""The command ``check``, and the same checks before ``plan`` and ``deploy``."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from rich.console import Console

from checks.columns import columns
from delivery.deployment import Order, Place
from delivery.errors import InputError
from delivery.given import begin
from delivery.output import data, dumps, tell
from delivery.preflight import roles
from delivery.preflight.results import PARAMETERS, Result, State, problems, stop
from delivery.preflight.run import missing_role, run
from delivery.stacks import Stack
from description import digests

NOT_MADE = (
    "may not make the service-linked role of ECS. ECS makes it where CloudFormation's role "
    f"may; else ask for iam:CreateServiceLinkedRole on {roles.ECS}"
)


def check(given: argparse.Namespace, console: Console) -> int:
    """Print what every check finds; 1 where something stands in the way, 2 where it is what was
    given.
    """
    place, order = begin(given, console)
    results = run(place, order, given.skip_check)
    if given.json:
        data(dumps([asdict(one) for one in results]))
    else:
        for line in columns([(one.state, one.check, one.message) for one in results]):
            data(line)
    found = len(problems(results))
    tell(console, f"{order.stack_name}: {found or 'nothing'} in the way of a deployment")
    causes = {one.check for one in problems(results)}
    return InputError.exit_code if PARAMETERS in causes else min(found, 1)


def before(place: Place, order: Order, skipped: Sequence[str], stack: Stack | None) -> list[Result]:
    """Run the checks before a change set is made; tell what they could not find out, and
    which quota will be too small one day.

    ``stack`` is the stack as it is. Raises ``DeliveryError`` with every problem.
    """
    results = run(place, order, skipped, stack)
    stop(order.stack_name, results)
    for one in results:
        if one.state is State.UNKNOWN:
            tell(place.console, f"{order.stack_name}: not checked: {one.check}: {one.message}")
        if one.state is State.LATER and one.check == "quotas":
            tell(place.console, f"{order.stack_name}: {one.message}")
    return results


def prepare(
    place: Place,
    order: Order,
    skipped: Sequence[str],
    stack: Stack | None,
    reviewed: Mapping[str, str] | None = None,
) -> None:
    """Run the checks before a deployment, and make what it needs and no stack can hold.

    ``reviewed`` are the parameters of a change set: they hold for what is not ordered now.
    """
    if reviewed:
        known = {name: value for name, value in reviewed.items() if name in order.declared}
        parameters = digests.overlaid(order.services, {}, known, order.parameters)
        order = replace(order, parameters=parameters)
    if missing_role(before(place, order, skipped, stack)):
        made = roles.make(place.aws)
        told = "made the service-linked role of ECS" if made else NOT_MADE
        tell(place.console, f"{order.stack_name}: {told}")
