"""Services: where they run, how they find one another, and the firewall around each.

Each has a stack of its own beside this one; see ``templates.service``.

The services' security groups are here, the rules between them in the stack of the service that
calls: groups that refer to one another so have no cycle, and a new call touches one stack.
"""

from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network

from troposphere import GetAtt, Ref, Tags, ec2, ecs, servicediscovery

from description.guardduty import TAG as GUARDDUTY_TAG
from description.model import Egress, System
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import (
    ClusterName,
    EnvironmentSuffix,
    NamespaceId,
    SecurityGroupId,
    Text,
    VpcId,
)
from templates.names import named, pascal, suffixed
from templates.traffic import inline_rule

ANYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What is around the services needs to know."""

    environment_suffix: EnvironmentSuffix
    vpc_id: VpcId


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What is around the services is for others; a namespace only where a service can be called."""

    ecs_cluster_name: ClusterName
    namespace_id: NamespaceId | None
    service_discovery_namespace: Text | None
    security_group_id: Each[SecurityGroupId]


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the stack of the cluster of ``system``, its namespace and the first shard of the
    services' security groups.
    """
    return Stack("services", f"Cluster of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the services' template."""
    one = t.add_resource(cluster(system, given))
    t.add_resource(capacity_providers(one))
    space = None
    if any(spec.port for spec in system.services.values()):
        space = t.add_resource(namespace(system, given))
    return Outputs(
        ecs_cluster_name=ClusterName(Ref(one)),
        namespace_id=NamespaceId(Ref(space)) if space else None,
        service_discovery_namespace=Text(system.namespace) if space else None,
        security_group_id=add_security_groups(system, t, given, 1),
    )


@dataclass(frozen=True, kw_only=True)
class FurtherOutputs:
    """What a further shard is for others."""

    security_group_id: Each[SecurityGroupId]


def further(system: System, shard: int) -> Stack[Inputs, FurtherOutputs]:
    """Return the stack of a further shard of the services' security groups, from 2 on."""

    def build_further(t: StackTemplate, given: Inputs) -> FurtherOutputs:
        return FurtherOutputs(security_group_id=add_security_groups(system, t, given, shard))

    return Stack(f"services-{shard}", f"More services of {system.name}", build_further)


def add_security_groups(
    system: System, t: StackTemplate, given: Inputs, shard: int
) -> dict[str, SecurityGroupId]:
    """Add the security groups of a shard of the services; return their ids by service."""
    return {
        name: SecurityGroupId(
            GetAtt(t.add_resource(security_group(system, given, name)), "GroupId")
        )
        for name in system.shards_of_services.get(shard, ())
    }


def cluster(system: System, given: Inputs) -> ecs.Cluster:
    """Return the cluster, observed by Container Insights, and by GuardDuty unless the description's
    tags say otherwise.

    Its name belongs to the environment; services take theirs within it.
    """
    stem = system.cluster_name or f"{system.name_prefix}-cluster"
    return ecs.Cluster(
        "Cluster",
        ClusterName=suffixed(stem, given.environment_suffix),
        ClusterSettings=[ecs.ClusterSetting(Name="containerInsights", Value="enabled")],
        Tags=Tags({GUARDDUTY_TAG: system.tags.get(GUARDDUTY_TAG, "true")}),
    )


def capacity_providers(one: ecs.Cluster) -> ecs.ClusterCapacityProviderAssociations:
    """Return what lets the cluster use Fargate and Fargate Spot; each service says how much."""
    return ecs.ClusterCapacityProviderAssociations(
        "CapacityProviders",
        Cluster=Ref(one),
        CapacityProviders=["FARGATE", "FARGATE_SPOT"],
        DefaultCapacityProviderStrategy=[
            ecs.CapacityProviderStrategy(CapacityProvider="FARGATE", Weight=1)
        ],
    )


def namespace(system: System, given: Inputs) -> servicediscovery.PrivateDnsNamespace:
    """Return the private DNS namespace in which services find one another."""
    return servicediscovery.PrivateDnsNamespace(
        "Namespace", Name=system.namespace, Vpc=given.vpc_id
    )


def security_group(system: System, given: Inputs, name: str) -> ec2.SecurityGroup:
    """Return a service's security group: nothing in; out to HTTPS, for AWS and other companies'
    APIs, and to what its description names. What calls add stands with the caller.
    """
    https = Egress(description="HTTPS to AWS and the internet", port=443, cidr=ANYWHERE)
    return ec2.SecurityGroup(
        f"{pascal(name)}SecurityGroup",
        GroupDescription=f"Tasks of {system.name} {name}",
        VpcId=given.vpc_id,
        SecurityGroupEgress=[
            inline_rule(one.description, one.port, one.cidr)
            for one in (https, *system.services[name].egress)
        ],
        # The end sets it apart from groups of ours, whatever a service is called.
        Tags=named(f"{system.name_prefix}-{name}-tasks", given.environment_suffix),
    )
