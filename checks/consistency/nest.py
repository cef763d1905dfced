"""A resolved system beside its description and its templates: what the rules look at."""

import re
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from typing import Any, Final

from checks.rendering import Node, Path, Rendering
from checks.resolved import Reference, Resource, Stack, System
from checks.resolved.functions import as_text
from checks.resolved.identity import IDENTITIES, identify
from checks.walk import CONTAINERS, Order
from description.model import System as Description
from description.names import pascal, stack_of
from description.service import Service

CLUSTER: Final = "AWS::ECS::Cluster"
ENTRY: Final = "AWS::ServiceDiscovery::Service"
LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LOG_GROUP: Final = "AWS::Logs::LogGroup"
NAMESPACE: Final = "AWS::ServiceDiscovery::PrivateDnsNamespace"
PROVIDERS: Final = "AWS::ECS::ClusterCapacityProviderAssociations"
REPOSITORY: Final = "AWS::ECR::Repository"
ROLE: Final = "AWS::IAM::Role"
ROTATION: Final = "AWS::SecretsManager::RotationSchedule"
SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a resource type
SERVICE: Final = "AWS::ECS::Service"
TARGET_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
TASK: Final = "AWS::ECS::TaskDefinition"

_TEXTS: Final = (str, Reference)
_RIGHTS: Final = re.compile("(.+)(?:LogGroup|ExecutionRole|TaskRole)")


class Parts:
    """What one described service is made of: the resources of its stack, its log group and its
    roles.
    """

    def __init__(self, name: str, spec: Service, stack: Stack, resources: list[Resource]) -> None:
        self.name, self.spec, self.stack = name, spec, stack
        self.resources = resources

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for one in self.resources:
            found.setdefault(one.type, []).append(one)
        return found

    def of_type(self, kind: str) -> list[Resource]:
        """Return its resources of one type."""
        return self._by_type.get(kind, [])

    def only(self, kind: str) -> Resource | None:
        """Return its resource of one type; ``None`` where there is none, or several."""
        found = self.of_type(kind)
        return found[0] if len(found) == 1 else None

    @cached_property
    def container(self) -> Node:
        """The container that has the service's name; an empty one where there is none."""
        task = self.only(TASK)
        listed = each(task.properties, "ContainerDefinitions") if task else []
        return next((one for one in listed if one.get("Name") == self.name), {})


class Nest:
    """A system with all its images known, its description, and its templates."""

    def __init__(self, rendering: Rendering, system: System, described: Description) -> None:
        self.rendering, self.system, self.described = rendering, system, described

    @cached_property
    def services(self) -> dict[str, Parts]:
        """What each described service is made of; one without a stack is not there."""
        stacks = {one.address.rpartition("/")[2]: one for one in self.system.stacks.values()}
        found = {}
        for name, spec in self.described.services.items():
            stack = stacks.get(stack_of(name))
            if stack is not None:
                own = self._in_stack.get(stack.address, [])
                found[name] = Parts(name, spec, stack, own + self._rights.get(pascal(name), []))
        return found

    @cached_property
    def _rights(self) -> dict[str, list[Resource]]:
        """The log group and the roles that are called as a service, by its name in logical ids."""
        found: dict[str, list[Resource]] = {}
        for one in self.system.of_type(LOG_GROUP, ROLE):
            called = _RIGHTS.fullmatch(one.logical_id)
            if called and one.stack.startswith("Roles"):
                found.setdefault(called[1], []).append(one)
        return found

    @cached_property
    def _in_stack(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.system.resources.values():
            found.setdefault(resource.stack, []).append(resource)
        return found

    @cached_property
    def texts(self) -> Mapping[str, list[tuple[Path, str | Reference]]]:
        """Each text and each reference in the properties of each resource, by its address."""
        return {
            address: texts_in(resource.properties)
            for address, resource in self.system.resources.items()
        }

    @property
    def parent(self) -> Stack:
        """The parent stack: the place of what is nowhere else."""
        return self.system.stacks[""]

    def tasks(self) -> Iterator[tuple[Parts, Resource]]:
        """Yield each described service that has one task definition, with it."""
        for parts in self.services.values():
            task = parts.only(TASK)
            if task is not None:
                yield parts, task

    def ecs_services(self) -> Iterator[tuple[Parts, Resource]]:
        """Yield each described service that has one ECS service, with it."""
        for parts in self.services.values():
            service = parts.only(SERVICE)
            if service is not None:
                yield parts, service

    def identity(self, resource: Resource, attribute: str | None = None) -> str:
        """Return, as text, what ``Ref`` or an attribute of a resource gives."""
        place = self.system.place
        get = resource.properties.get
        return str(identify(resource.type, resource.address, attribute, place, get))

    def identified(self, kind: str, attribute: str | None = None) -> Mapping[str, Resource]:
        """Return the resources of one type by what ``Ref`` or an attribute of each gives, as text;
        the first where that is the same.
        """
        if (kind, attribute) not in self._identified:
            of_type = reversed(self.system.of_type(kind))
            self._identified[kind, attribute] = {self.identity(o, attribute): o for o in of_type}
        return self._identified[kind, attribute]

    @cached_property
    def _identified(self) -> dict[tuple[str, str | None], dict[str, Resource]]:
        return {}

    def identities(self, resource: Resource) -> Set[str]:
        """Return, as text, all that a resource is known by."""
        if resource.address not in self._identities:
            known = IDENTITIES.get(resource.type)
            attributes = (None, *(known.attributes if known else ()))
            found = frozenset(self.identity(resource, attribute) for attribute in attributes)
            self._identities[resource.address] = found
        return self._identities[resource.address]

    @cached_property
    def _identities(self) -> dict[str, Set[str]]:
        return {}

    def before(self, resource: Resource) -> Set[str]:
        """Return the addresses of the resources and stacks that are there before ``resource`` is
        made: what it names or depends on, and what its stack does.
        """
        return self._before(resource.address)

    def waits_for(self, resource: Resource, other: Resource) -> bool:
        """Return whether ``other``, or a stack that it is in, is there before ``resource``."""
        steps = other.address.split("/")
        places = {"/".join(steps[:count]) for count in range(1, len(steps) + 1)}
        return not places.isdisjoint(self.before(resource))

    def _before(self, address: str) -> Set[str]:
        if address not in self._earlier:
            stack, slash, name = address.rpartition("/")
            file = self.system.stacks[stack].file.rpartition("/")[2]
            if file not in self._orders:
                self._orders[file] = Order(self.rendering.templates[file])
            beside = (f"{stack}{slash}{one}" for one in self._orders[file].before(name))
            self._earlier[address] = frozenset(beside).union(self._before(stack) if stack else ())
        return self._earlier[address]

    @cached_property
    def _earlier(self) -> dict[str, Set[str]]:
        """What is there before each resource and stack that was asked about."""
        return {}

    @cached_property
    def _orders(self) -> dict[str, Order]:
        """The order of each template that was asked about."""
        return {}


def texts_in(value: Mapping[str, Any]) -> list[tuple[Path, str | Reference]]:
    """Return each text and each reference in ``value``, with its path."""
    found: list[tuple[Path, str | Reference]] = []

    def look(node: Any, path: Path) -> None:
        for step, one in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(one, CONTAINERS):
                look(one, (*path, step))
            elif isinstance(one, _TEXTS):
                found.append(((*path, step), one))

    look(value, ())
    return found


def text(value: Any) -> str | None:
    """Return a value as CloudFormation passes it on, so that ``8080`` and ``"8080"`` are the same;
    ``None`` for nothing, and for what has no text.
    """
    try:
        return None if value is None else as_text(value)
    except TypeError:
        return None


def refers_to(value: Any, resource: Resource, nest: Nest) -> bool:
    """Return whether ``value`` is a reference to, a name or an ARN of ``resource``."""
    if isinstance(value, Reference):
        return value == resource.reference
    return text(value) in nest.identities(resource)


def below(value: Any, *names: str) -> Any:
    """Return what is below ``value`` by these names, or ``None`` where there is no such thing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def section(value: Any, *names: str) -> Node:
    """Return the object below ``value`` by these names; an empty one where there is none."""
    found = below(value, *names)
    return found if isinstance(found, dict) else {}


def every(value: Any, *names: str) -> list[Any]:
    """Return the items of the list below ``value`` by these names; none where there is no list."""
    found = below(value, *names)
    return found if isinstance(found, list) else []


def each(value: Any, *names: str) -> list[Node]:
    """Return the objects in the list below ``value`` by these names."""
    return [one for one in every(value, *names) if isinstance(one, dict)]


def attributes(resource: Resource, listed: str) -> dict[str, str | None]:
    """Return a load balancer's or target group's attributes by key."""
    found = each(resource.properties, listed)
    return {str(one.get("Key")): text(one.get("Value")) for one in found}
