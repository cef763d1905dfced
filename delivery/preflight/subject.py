"""What is looked at before a deployment: the system as it would be, in the account as it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.rendering import Node, Rendering
from checks.resolved import Place as Target
from checks.resolved import System, resolve
from delivery import comparison
from delivery.aws import Aws
from delivery.deployment import Order, Place, packaged
from delivery.errors import DeliveryError
from delivery.nest import members
from delivery.parameters import merge, settled
from delivery.stacks import Stack

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.[^/]+/(?P<repository>[^@]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
"""An image as our task definitions name it."""
_READ = re.compile(
    r"arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:(?P<secret>.+)-\?{6}:(?P<key>[^:]+)::"
)
"""A JSON key of a secret of ours, as ECS reads it. The end of its ARN is not known before."""


@dataclass(frozen=True)
class Image:
    """What the tasks of a service would run."""

    service: str
    account: str
    repository: str
    digest: str


@dataclass(frozen=True)
class Read:
    """A JSON key of a secret that the tasks of a service would read."""

    service: str
    secret: str
    """The secret's name."""
    key: str


@dataclass(frozen=True)
class Subject:
    """A deployment that has not begun."""

    place: Place
    order: Order
    stack: Stack | None
    """The stack as it is."""

    @property
    def aws(self) -> Aws:
        """The account and region."""
        return self.place.aws

    @property
    def deployed(self) -> bool:
        """Whether something of the stack is there already."""
        return self.stack is not None and self.stack.deployed

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The values that the parent's parameters would have, as far as they have no default."""
        given = {k: v for k, v in self.order.given.items() if k in self.order.declared}
        return settled(merge(self.order.parent, given, self.stack), self.stack)

    @cached_property
    def rendering(self) -> Rendering:
        """The templates."""
        return Rendering(self.order.system, self.order.templates, self.order.profile)

    @cached_property
    def system(self) -> System:
        """The system as it would be. Raises ``ResolutionError`` for wrong parameters."""
        return resolve(self.rendering, self.parameters, images=False, place=self._target)

    @cached_property
    def system_with_images(self) -> System:
        """The system as it would be when every service has an image."""
        return resolve(self.rendering, self.parameters, images=True, place=self._target)

    @property
    def _target(self) -> Target:
        return Target(
            account=self.aws.account,
            region=self.aws.region,
            partition=self.aws.partition,
            stack_name=self.order.stack_name,
        )

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """The images of all services that would run."""
        return tuple(
            Image(container["Name"], match["account"], match["repository"], match["digest"])
            for container in self._containers()
            if (match := _IMAGE.fullmatch(str(container["Image"])))
        )

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """The keys of this system's secrets that the services that would run read."""
        return tuple(
            Read(container["Name"], match["secret"], match["key"])
            for container in self._containers()
            for one in container.get("Secrets", ())
            if (match := _READ.fullmatch(str(one["ValueFrom"])))
        )

    def names(self, kind: str, attribute: str) -> dict[str, str]:
        """Return the names that the resources of a type would have, by their addresses."""
        return _names(self.system, kind, attribute)

    @cached_property
    def before(self) -> System | None:
        """The stack as it is, by its templates; None where there is none, or nobody can tell."""
        if not self.stack or not self.deployed:
            return None
        known = packaged(self.place, self.order)
        try:
            return comparison.of_stack(self.aws, self.stack, known).resolved(
                self._target, images=False
            )
        except DeliveryError:
            return None

    def holders(self, kind: str, attribute: str) -> dict[str, str]:
        """Return the addresses at which the stack has resources of a type now, by their names, as
        far as its templates say.
        """
        named = _names(self.before, kind, attribute) if self.before else {}
        return {name: address for address, name in named.items()}

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The addresses of all that the stack has now, by physical id: a call for each nested
        stack.
        """
        if not self.stack or not self.deployed:
            return {}
        return {one.physical_id: one.address for one in members(self.aws, self.stack.id)}

    def _containers(self) -> Iterator[Node]:
        for resource in self.system.resources.values():
            if resource.type == "AWS::ECS::TaskDefinition":
                yield from resource.properties["ContainerDefinitions"]


def _names(system: System, kind: str, attribute: str) -> dict[str, str]:
    return {
        address: str(resource.properties[attribute])
        for address, resource in system.resources.items()
        if resource.type == kind and attribute in resource.properties
    }
