"""Instances left in Cloud Map: CloudFormation does not delete a service that has any.

ECS takes those of its tasks away. One that is left once the ECS service has gone is nobody's: the
task ended without a word, or somebody registered it by hand. Source: AWS Cloud Map Developer Guide,
"Deleting a service".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from delivery.aws import Aws, explained
from delivery.errors import DeliveryError
from delivery.polling import wait_until
from delivery.removal import Resource
from delivery.stacks import Stack

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Instance:
    """An instance, and the service in Cloud Map that it is registered with."""

    entry: Resource
    id: str

    def __str__(self) -> str:
        return f"{self.id} in {self.entry.address} {self.entry.physical_id}"


def left(aws: Aws, stack: Stack, found: Iterable[Resource]) -> list[Instance]:
    """Return the instances in the way of a deletion that has failed once, of those services among
    the resources ``found`` whose ECS service has gone. Before it has failed nobody knows.
    """
    if stack.status != "DELETE_FAILED":
        return []
    ours = list(found)
    at_work = {one.path for one in ours if one.type == "AWS::ECS::Service"}
    return [
        instance
        for one in ours
        if one.type == "AWS::ServiceDiscovery::Service"
        and not one.retained
        and one.path not in at_work
        for instance in _registered(aws, one)
    ]


def _registered(aws: Aws, entry: Resource) -> Iterator[Instance]:
    with explained():
        pages = aws.client("servicediscovery").get_paginator("list_instances")
        for page in pages.paginate(ServiceId=entry.physical_id):
            for one in page["Instances"]:
                yield Instance(entry, one["Id"])


def deregister(aws: Aws, instances: Sequence[Instance], tell: Tell) -> None:
    """Take instances out of Cloud Map, and wait until they are. Raises ``DeliveryError`` where that
    fails.
    """
    api = aws.client("servicediscovery")
    for one in instances:
        with explained():
            begun = api.deregister_instance(ServiceId=one.entry.physical_id, InstanceId=one.id)
            wait_until(
                partial(_gone, api, one, begun["OperationId"]),
                partial(tell, f"waits until {one} is deregistered"),
            )


def _gone(api: Any, one: Instance, operation_id: str) -> bool:
    operation = api.get_operation(OperationId=operation_id)["Operation"]
    if operation["Status"] == "FAIL":
        reason = operation.get("ErrorMessage", "Cloud Map does not say why")
        raise DeliveryError(f"{one} is still registered: {reason}")
    return bool(operation["Status"] == "SUCCESS")
