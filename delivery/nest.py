"""What a deployed stack and the stacks nested in it are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from delivery.aws import Aws
from delivery.stacks import NESTED


@dataclass(frozen=True)
class Member:
    """A deployed resource, nested stacks included."""

    path: tuple[str, ...]
    """The logical ids that lead to its stack."""
    logical_id: str
    type: str
    physical_id: str
    stack_id: str
    """The stack that it is in."""

    @property
    def address(self) -> str:
        """The path and logical id, e.g. ``ApiGatewayService/Service``."""
        return "/".join((*self.path, self.logical_id))


def members(aws: Aws, stack_id: str, path: tuple[str, ...] = ()) -> Iterator[Member]:
    """Yield what is in a stack, each nested stack before what is in it: a call for 100 of them."""
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for page in pages:
        for one in page["StackResourceSummaries"]:
            logical_id, physical_id = one["LogicalResourceId"], one.get("PhysicalResourceId")
            if not physical_id or one["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            yield Member(path, logical_id, one["ResourceType"], physical_id, stack_id)
            if one["ResourceType"] == NESTED:
                yield from members(aws, physical_id, (*path, logical_id))
