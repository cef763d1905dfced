"""Everything that the description demands is there, once, and nothing that nobody uses."""

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
from checks.resolved import Resource
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
    used = _Used(nest)
    for resource in nest.system.resources.values():
        if resource.type not in ENDS and not used.by_another(resource):
            yield Hit(resource, "is referred to by nobody")


class _Used:
    """The texts of all properties, by whose they are."""

    def __init__(self, nest: Nest) -> None:
        self._nest = nest
        self._texts: dict[str, str] = {}
        self._mentions: dict[str, set[str]] = {}
        self._values: dict[str, set[str]] = {}
        for address, texts in nest.texts.items():
            self._add(address, [str(one) for path, one in texts if path[0] != "Tags"])
        self._add("", [str(one) for _, one in texts_in(nest.system.outputs)])

    def _add(self, address: str, texts: list[str]) -> None:
        """Remember the texts of what is at ``address``: whom they mention, and each as a whole."""
        self._texts[address] = "\n".join(texts)
        for text in texts:
            self._values.setdefault(text, set()).add(address)
            for part in text.split("${")[1:]:
                named = part.partition("}")[0].partition(".")[0]
                self._mentions.setdefault(named, set()).add(address)

    def by_another(self, resource: Resource) -> bool:
        """Return whether something else refers to ``resource``."""
        names = self._nest.identities(resource) - {str(resource.reference)}
        whole = (self._values.get(name, set()) for name in names)
        if set().union(self._mentions.get(resource.address, set()), *whole) - {resource.address}:
            return True
        # Mostly, one of these is a value by itself; within longer ones a name is slow to find.
        return any(
            name in all_of_it
            for name in names
            for address, all_of_it in self._texts.items()
            if address != resource.address
        )
