"""A change set that leads back or starts anew, from its making to the word of whoever carries it
out: what ``rollback`` and ``restart`` have in common.
"""

import argparse
from dataclasses import replace

from delivery import changesets, policy, review, reviewed
from delivery.changesets import ChangeSet
from delivery.deployment import Order, Place, refusals
from delivery.given import command
from delivery.output import confirmed, data, tell
from delivery.request import Request
from delivery.stacks import Stack


def agreed(
    given: argparse.Namespace,
    place: Place,
    request: Request,
    then: Order,
    stack: Stack,
    name: str,
    *words: str,
) -> ChangeSet | None:
    """Make the change set of ``request``, which makes the stack what ``then`` orders, show it and
    ask; return it if it is to be carried out.

    What is refused the policy of ``then`` says. ``name`` is the subcommand, and ``words`` what its
    repetition takes beside the change set's ARN. Raises ``RefusedError`` where the policy does not
    let it happen, ``DeliveryError`` where it is not the one that was reviewed.
    """
    console = place.console
    change_set = changesets.create(place.aws, request, stack, lambda text: tell(console, text))
    reviewed.must_be(change_set, given.change_set, command(given, name))
    if change_set is None:
        tell(console, f"{stack.name}: no changes")
        return None
    review.show(console, stack.name, change_set.changes, then.policy)
    wanted = replace(then, allowed=tuple(given.allow))
    policy.refuse(refusals(place, wanted, stack, change_set.changes))
    if given.yes or given.change_set or confirmed(console, stack.name, "carry it out"):
        return change_set
    data(change_set.arn)
    again = command(given, name, *words, "--change-set", change_set.arn)
    tell(console, f"Nothing is changed yet. Carry it out with: {again}")
    return None
