"""``./deploy.sh doctor``: what does not work in a deployed system, and what to do."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

from botocore.exceptions import ClientError
from rich.console import Console

from checks.columns import columns
from delivery.aws import DENIED, error_code, explained
from delivery.doctor import discovery, health, scaling, starting
from delivery.doctor.deployed import Deployed
from delivery.doctor.findings import Finding, State, unknown
from delivery.errors import DeliveryError
from delivery.given import deployed
from delivery.output import data, dumps, tell

Look = Callable[[Deployed], Iterator[Finding]]

HEADINGS: dict[str, Look] = {
    "Services not starting": starting.check,
    "Auto-scaling not working": scaling.check,
    "Service discovery issues": discovery.check,
    "ALB health check failures": health.check,
}
"""What is looked at, in order."""


def run(given: argparse.Namespace, console: Console) -> int:
    """Print what is found; 1 where something is wrong. Changes nothing."""
    aws, stack = deployed(given)
    words = f"{given.system} {given.environment} {aws.cli_options}"
    if stack.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}:
        raise DeliveryError(
            f"Stack {stack.name} is in {stack.status}: its creation failed, and nothing of it "
            f"runs. Remove what is left with: ./deploy.sh destroy {words}. Then correct the cause "
            f"and repeat: ./deploy.sh deploy {words}"
        )
    found = examine(Deployed(aws, stack, words))
    if given.json:
        data(dumps([asdict(one) for one in found]))
    else:
        for line in lines(found):
            data(line)
    count = sum(one.state is State.WRONG for one in found)
    tell(console, f"{stack.name}: {count or 'nothing'} wrong")
    return min(count, 1)


def examine(it: Deployed) -> list[Finding]:
    """Return what every diagnosis finds. What may not be looked at is unknown, not wrong."""
    return [
        replace(finding, heading=heading)
        for heading, look in HEADINGS.items()
        for finding in _guarded(look, it)
    ]


def lines(found: list[Finding]) -> Iterator[str]:
    """Yield the report: under each heading what was looked at, and what to do where it is wrong."""
    for heading in dict.fromkeys(one.heading for one in found):
        yield heading
        mine = [one for one in found if one.heading == heading]
        rows = [(f"  {one.state}", one.checked, one.found) for one in mine]
        for one, line in zip(mine, columns(rows), strict=True):
            yield line
            if one.advice:
                yield f"           do: {one.advice}"


def _guarded(look: Look, it: Deployed) -> Iterator[Finding]:
    """Yield what is found until something may not be looked at."""
    try:
        with explained():
            yield from look(it)
    except DeliveryError as error:
        cause = error.__cause__
        if not (isinstance(cause, ClientError) and error_code(cause) in DENIED):
            raise
        yield unknown("the rest", str(error))
