"""Everything that the description demands is there, once, and nothing that nobody uses."""

from collections.abc import Iterator, Set
from typing import Final

from checks.consistency.nest import (
    CLUSTER,
    ENTRY,
    LOAD_BALANCER,
    LOG_GROUP,
    NAMESPACE,
    PROVIDERS,
    REPOSITORY,
    ROLE,
    SCALABLE_TARGET,
    SECRET,
    SERVICE,
    TARGET_GROUP,
    TASK,
    Nest,
    texts_in,
)
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Reference
from description.model import System as Description
from description.service import Service

ENDS: Final = frozenset(
    {
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::CloudWatch::Alarm",
        "AWS::EC2::FlowLog",
        "AWS::EC2::Route",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "AWS::ECS::Service",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::Logs::ResourcePolicy",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SecretsManager::RotationSchedule",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    }
)
"""Types that do something by themselves. A resource of any other type is there for another one."""


def _of_a_service(spec: Service) -> dict[str, int]:
    """Return how many resources of a type a service has."""
    return {
        SERVICE: 1,
        TASK: 1,
        LOG_GROUP: 1,
        ROLE: 2,
        SCALABLE_TARGET: 1,
        TARGET_GROUP: 1 if spec.routes else 0,
        ENTRY: 1 if spec.port else 0,
    }


def _of_a_system(described: Description) -> dict[str, int]:
    """Return how many resources of a type a system has in all."""
    services = described.services.values()
    makes_repositories = described.registry.mode == "create"
    return {
        CLUSTER: 1,
        PROVIDERS: 1,
        NAMESPACE: 1 if any(spec.port for spec in services) else 0,
        LOAD_BALANCER: 1 if described.routed else 0,
        SECRET: len(described.secrets),
        REPOSITORY: len(described.services) if makes_repositories else 0,
        SERVICE: len(described.services),
        TASK: len(described.services),
        SCALABLE_TARGET: len(described.services),
        TARGET_GROUP: sum(1 for spec in services if spec.routes),
        ENTRY: sum(1 for spec in services if spec.port),
    }


@rule("E9701")
def services_are_whole(nest: Nest) -> Hits:
    """Require for each described service what it consists of, in a stack of its own and in that of
    the roles: one that shares or lacks a role, a log group or a target does not run by itself.
    """
    for name, spec in nest.described.services.items():
        parts = nest.services.get(name)
        if parts is None:
            yield Hit(nest.parent, f"has no stack for the service {name}")
            continue
        for kind, count in _of_a_service(spec).items():
            found = len(parts.of_type(kind))
            if found != count:
                yield Hit(parts.stack, f"has {found} of {kind}, {name} needs {count}")


@rule("E9702")
def system_is_whole(nest: Nest) -> Hits:
    """Require as many clusters, namespaces, load balancers, secrets, repositories and services as
    described: one more is paid for, one less is missed.
    """
    for kind, count in _of_a_system(nest.described).items():
        found = nest.system.of_type(kind)
        if len(found) != count:
            message = f"has {len(found)} of {kind} in all, the description wants {count}"
            yield Hit(found[-1] if found else nest.parent, message)


@rule("E9703")
def nobody_uses_it(nest: Nest) -> Hits:
    """Refuse resources that no other one and no output refers to: what they were for is missing."""
    names = {
        one.address: nest.identities(one) - {str(one.reference)}
        for one in nest.system.resources.values()
        if one.type not in ENDS
    }
    used = _Used(nest, frozenset().union(*names.values()))
    for address, known_as in names.items():
        if not used.by_another(address, known_as):
            yield Hit(nest.system.resources[address], "is referred to by nobody")


class _Used:
    """Whose properties mention which resources, and have which names as values."""

    def __init__(self, nest: Nest, names: Set[str]) -> None:
        self._nest = nest
        self._mentions: dict[str, set[str]] = {}
        self._values: dict[str, set[str]] = {name: set() for name in names}
        for address, texts in self._texts():
            for text in texts:
                self._add(address, text)

    def _texts(self) -> Iterator[tuple[str, list[str | Reference]]]:
        """Yield the texts of each resource, by its address; those of outputs by an empty one."""
        for address, texts in self._nest.texts.items():
            yield address, [one for path, one in texts if path[0] != "Tags"]
        yield "", [one for _, one in texts_in(self._nest.system.outputs)]

    def _add(self, address: str, text: str | Reference) -> None:
        """Remember whom a text of what is at ``address`` mentions, and what it is as a whole."""
        if isinstance(text, Reference):
            self._mentions.setdefault(text.address, set()).add(address)
            return
        if text in self._values:
            self._values[text].add(address)
        for part in text.split("${")[1:] if "${" in text else ():
            named = part.partition("}")[0].partition(".")[0]
            self._mentions.setdefault(named, set()).add(address)

    def by_another(self, address: str, names: Set[str]) -> bool:
        """Return whether something else refers to the resource at ``address``."""
        whole = (self._values[name] for name in names)
        if self._mentions.get(address, set()).union(*whole) - {address}:
            return True
        # Mostly, one of these is a value by itself; within longer ones a name is slow to find.
        return any(
            name in str(text)
            for name in names
            for other, texts in self._texts()
            if other != address
            for text in texts
        )
