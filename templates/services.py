"""Services: the cluster, the namespace and the load balancer, and a nested stack per service.

The services' security groups are here, the rules between them in the stack of the service that
calls: groups that refer to one another so have no cycle, and a new call touches one stack.
"""

from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network

from troposphere import GetAtt, Ref, Tags, ec2, ecs, servicediscovery

from description.model import Egress, Service, System
from templates import guardduty, load_balancer, routing, service, web_acl
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import (
    AccountId,
    ClusterName,
    Days,
    EnvironmentSuffix,
    ImageDigest,
    KeyArn,
    NamespaceId,
    SecretArn,
    SecurityGroupId,
    ServiceName,
    SubnetIds,
    Text,
    TopicArn,
    VpcId,
)
from templates.names import named, pascal, suffixed
from templates.traffic import inline_rule

ANYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the services need to know."""

    environment_suffix: EnvironmentSuffix
    vpc_id: VpcId
    private_subnet_ids: SubnetIds
    log_retention_days: Days
    log_key_arn: KeyArn | None
    secret_key_arn: KeyArn | None
    secret_arn: Each[SecretArn]
    image_digest: Each[ImageDigest]
    registry_account_id: AccountId | None
    alarm_topic_arn: TopicArn | None
    edge: load_balancer.Inputs | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the services are for others."""

    ecs_cluster_name: ClusterName
    service_discovery_namespace: Text | None
    alb_dns_name: Text | None
    service_name: Each[ServiceName]


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the services of ``system``."""
    return Stack("services", f"Services of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the services' template."""
    one = t.add_resource(cluster(system, given))
    providers = t.add_resource(capacity_providers(one))
    space = None
    if any(spec.port for spec in system.services.values()):
        space = t.add_resource(namespace(system, given))
    front = None
    if given.edge is not None:
        front = load_balancer.add(
            system, t, given.environment_suffix, given.edge, given.alarm_topic_arn
        )
        if system.has_web_acl:
            days, key = given.log_retention_days, given.log_key_arn
            web_acl.add(system, t, given.environment_suffix, days, key, front.arn)
    groups = {name: t.add_resource(security_group(system, given, name)) for name in system.services}
    names = {}
    for name, spec in system.services.items():
        made = t.nest(
            pascal(name),
            service.stack(system, name),
            service.Inputs(
                environment_suffix=given.environment_suffix,
                private_subnet_ids=given.private_subnet_ids,
                cluster_name=ClusterName(Ref(one)),
                namespace_id=NamespaceId(Ref(space)) if space and spec.port else None,
                security_group_id=_id(groups[name]),
                callee_security_group_id={callee: _id(groups[callee]) for callee in spec.calls},
                image_digest=given.image_digest[name],
                registry_account_id=given.registry_account_id,
                secret_key_arn=given.secret_key_arn if spec.secrets else None,
                secret_arn={read: given.secret_arn[read] for read in spec.secret_names},
                log_retention_days=given.log_retention_days,
                log_key_arn=given.log_key_arn,
                alarm_topic_arn=given.alarm_topic_arn,
                routing=behind(spec, given, front) if spec.routes else None,
            ),
            DependsOn=[providers.title],
        )
        names[name] = made.service_name
    return Outputs(
        ecs_cluster_name=ClusterName(Ref(one)),
        service_discovery_namespace=Text(system.namespace) if space else None,
        alb_dns_name=front.dns_name if front else None,
        service_name=names,
    )


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
        Tags=Tags({guardduty.TAG: system.tags.get(guardduty.TAG, "true")}),
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
        Tags=named(f"{system.name_prefix}-{name}", given.environment_suffix),
    )


def behind(spec: Service, given: Inputs, front: load_balancer.Front | None) -> routing.Inputs:
    """Return what a routed service needs to know of the load balancer in front of it."""
    if given.edge is None or front is None:
        raise ValueError("a service with routes needs a load balancer")
    return routing.Inputs(
        vpc_id=given.vpc_id,
        load_balancer_security_group_id=given.edge.load_balancer_security_group_id,
        listener_arn=front.listener_arn,
        load_balancer_full_name=(
            front.full_name if spec.scaling.requests_per_target or given.alarm_topic_arn else None
        ),
    )


def _id(group: ec2.SecurityGroup) -> SecurityGroupId:
    return SecurityGroupId(GetAtt(group, "GroupId"))
