"""``./deploy.sh outputs``: what a deployed stack tells of itself."""

import argparse
import json

from rich.console import Console

from delivery import stacks
from delivery.errors import DeliveryError
from delivery.given import command, connect
from delivery.output import data, tell
from delivery.stacks import Stack


def run(given: argparse.Namespace, console: Console) -> int:
    """Print the outputs of a stack; return the exit code."""
    aws = connect(given)
    name = stacks.stack_name(given.system, given.environment)
    stack = stacks.read(aws, name)
    if stack is None:
        from delivery import sources  # for those who have misspelt it

        sources.description_of(given.system)
        raise DeliveryError(
            f"There is no stack {name} in {aws.region}. Make it with: {command(given, 'deploy')}"
        )
    if not stack.outputs:
        tell(console, f"{name} is in {stack.status} and has no outputs")
    show(stack, as_json=given.json)
    return 0


def show(stack: Stack, *, as_json: bool) -> None:
    """Print the outputs of a stack on stdout."""
    if as_json:
        data(json.dumps(stack.outputs, indent=2, sort_keys=True))
        return
    width = max(map(len, stack.outputs), default=0)
    for name, value in sorted(stack.outputs.items()):
        data(f"{name:<{width}}  {value}")
