"""Every check before a deployment, in one go."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import chain

from botocore.exceptions import ClientError

from checks.resolved import ResolutionError
from delivery import stacks
from delivery.aws import DENIED, error_code, explained
from delivery.deployment import Order, Place
from delivery.errors import DeliveryError
from delivery.preflight import (
    certificate,
    fargate,
    images,
    names,
    place,
    quotas,
    roles,
    rules,
    secrets,
    zones,
)
from delivery.preflight.results import PARAMETERS, Result, State, problem, unknown
from delivery.preflight.subject import Subject
from delivery.stacks import Stack, Unread

Check = Callable[[Subject], Iterator[Result]]

CHECKS: dict[str, Check] = {
    "credentials": place.credentials,
    "stack": place.stack,
    "bucket": place.templates_bucket,
    PARAMETERS: place.parameters,
    "limits": place.limits,
    "certificate": certificate.check,
    "roles": roles.check,
    "quotas": lambda it: chain(quotas.check(it), fargate.check(it), rules.check(it)),
    "zones": zones.check,
    "names": names.check,
    "images": images.check,
    "secrets": secrets.check,
}
"""What is looked at, in order."""


def run(
    where: Place,
    order: Order,
    skipped: Collection[str] = (),
    stack: Stack | Unread | None = Unread.YET,
) -> list[Result]:
    """Return what all checks find; only who we are must be known for the others.

    ``stack`` is the stack as it is, if somebody has looked already. What may not be looked at is
    unknown, not wrong. Raises ``DeliveryError`` without credentials.
    """
    _ = where.aws.account
    subject = Subject(where, order, stacks.known(where.aws, order.stack_name, stack))
    return [
        replace(result, check=name)
        for name, check in CHECKS.items()
        if name not in skipped
        for result in _guarded(check, subject)
    ]


def _guarded(check: Check, subject: Subject) -> list[Result]:
    """Return what a check finds, or why it could not look."""
    try:
        with explained():
            return list(check(subject))
    except ResolutionError as error:
        return [unknown(f"cannot be looked at before the parameters are right: {error}")]
    except DeliveryError as error:
        cause = error.__cause__
        denied = isinstance(cause, ClientError) and error_code(cause) in DENIED
        return [unknown(str(error)) if denied else problem(str(error))]


def missing_role(results: Collection[Result]) -> bool:
    """Return whether the role of ECS has to be made."""
    return any(one.check == "roles" and one.state is State.LATER for one in results)
