"""Checks of the account: who signs, where templates go, in which state the stack is."""

from collections.abc import Iterator
from datetime import UTC, datetime

from checks import quotas
from checks.quotas import NEST_RESOURCES, PARAMETERS, TEMPLATE_BYTES
from delivery import bucket, stacks, tags
from delivery.deployment import values_to_send
from delivery.errors import DeliveryError
from delivery.preflight.results import Result, ok, problem
from delivery.preflight.subject import Subject
from delivery.publish import PARENT


def credentials(it: Subject) -> Iterator[Result]:
    """Find out who we are: one call to STS."""
    yield ok(f"account {it.aws.account}, {it.aws.region}")


def stack(it: Subject) -> Iterator[Result]:
    """Look whether the stack's status lets a deployment begin."""
    name = it.order.stack_name
    if it.stack is None:
        yield ok(f"{name} would be created")
        return
    step, advice = stacks.decision(it.stack, it.aws.cli_options)
    if step not in stacks.DEPLOYS:
        yield problem(f"{name} is in {it.stack.status}: {advice}")
    else:
        yield ok(f"{name} is in {it.stack.status}")


def templates_bucket(it: Subject) -> Iterator[Result]:
    """Look whether the bucket is there, ours, and in this region: one call to S3."""
    name = it.place.bucket
    try:
        found = bucket.exists(it.aws, name, it.place.bucket_owner)
    except DeliveryError as error:
        yield problem(str(error))
        return
    if found:
        yield ok(name)
    else:
        yield problem(
            f"There is no bucket {name}. "
            f"Make it with: ./deploy.sh bootstrap --bucket {name} {it.aws.cli_options}"
        )


def parameters(it: Subject) -> Iterator[Result]:
    """Look at the values and tags that would be sent. Calls nothing."""
    order = it.order
    try:
        sent = values_to_send(order, it.stack)
        tags.compose(
            given=order.given_tags,
            file=order.file_tags,
            environment=order.ci,
            stack=it.stack,
            now=datetime.now(UTC),
        )
    except DeliveryError as error:
        yield problem(str(error))
        return
    yield ok(f"{len(sent)} have a value, the others their default")


def limits(it: Subject) -> Iterator[Result]:
    """Compare the templates with CloudFormation's quotas. Calls nothing."""
    over = quotas.check(it.rendering)
    for finding in over:
        yield problem(f"{finding.file} {finding.path}: {finding.message}")
    if not over:
        largest = max(map(len, it.order.templates.values()))
        resources = quotas.nest_size(it.rendering, PARENT)
        yield ok(
            f"{resources:,} resources, of which {NEST_RESOURCES:,} can be made at once; "
            f"{len(it.order.declared)} of {PARAMETERS} parameters, "
            f"{largest:,} of {TEMPLATE_BYTES:,} bytes in the largest template"
        )
