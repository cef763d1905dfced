"""What becomes of a deployed system when its stack is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass

from delivery.aws import Aws, explained
from delivery.errors import DeliveryError
from delivery.stacks import NESTED, Stack
from delivery.templates import retained


@dataclass(frozen=True)
class Resource:
    """A deployed resource."""

    path: tuple[str, ...]
    logical_id: str
    type: str
    physical_id: str
    retained: bool
    """Whether it stays when its stack goes."""

    @property
    def address(self) -> str:
        """The path and logical id, e.g. ``Security/DbCredentials``."""
        return "/".join((*self.path, self.logical_id))


def resources(aws: Aws, stack: Stack) -> list[Resource]:
    """Return every resource of a stack and of the stacks nested in it, without those stacks."""
    if not stack.deployed:
        return []
    with explained():
        return list(_inside(aws, stack.id, (), whole=False))


def check(aws: Aws, stack: Stack, deploy: str) -> None:
    """Raise ``DeliveryError`` where the stack is protected, with what takes the protection away.

    ``deploy`` is the command that deploys it.
    """
    if stack.protected:
        raise DeliveryError(
            f"Stack {stack.name} has termination protection. Take it away with: aws cloudformation "
            "update-termination-protection --no-enable-termination-protection "
            f"--stack-name {stack.name} {aws.cli_options}"
        )
    if stack.parameters.get("DeletionProtection") == "true" and stack.outputs.get("AlbDnsName"):
        raise DeliveryError(
            f"The load balancer of {stack.name} is protected from deletion. Take that away with: "
            f"{deploy} --parameter DeletionProtection=false"
        )


def _inside(aws: Aws, stack_id: str, path: tuple[str, ...], *, whole: bool) -> Iterator[Resource]:
    """Yield what is in a stack; all of it stays where the ``whole`` stack is retained."""
    policies = retained(aws, stack_id)
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for page in pages:
        for found in page["StackResourceSummaries"]:
            logical_id, physical_id = found["LogicalResourceId"], found.get("PhysicalResourceId")
            if not physical_id or found["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            kept = whole or logical_id in policies
            if found["ResourceType"] == NESTED:
                yield from _inside(aws, physical_id, (*path, logical_id), whole=kept)
            else:
                yield Resource(path, logical_id, found["ResourceType"], physical_id, kept)
