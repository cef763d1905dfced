"""Service: one microservice on Fargate, with its calls, discovery and scaling.

Its roles and its log group are in ``templates.roles``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from troposphere import (
    AccountId,
    AWSHelperFn,
    GetAtt,
    Ref,
    ec2,
    ecs,
    servicediscovery,
)

from description.model import Service, System
from description.names import MOST_OUTPUTS
from description.rules.services import DNS_TTL
from templates import iam, kinds, routing, scaling, secret_versions, service_alarms, task
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import (
    ClusterName,
    EnvironmentSuffix,
    ImageDigest,
    NamespaceId,
    RoleArn,
    SecretArn,
    SecretVersions,
    SecurityGroupId,
    ServiceName,
    SubnetIds,
    TopicArn,
)
from templates.names import log_group_name, pascal, suffixed
from templates.text import sub
from templates.traffic import connection


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a service needs to know."""

    environment_suffix: EnvironmentSuffix
    private_subnet_ids: SubnetIds
    cluster_name: ClusterName
    namespace_id: NamespaceId | None
    security_group_id: SecurityGroupId
    callee_security_group_id: Each[SecurityGroupId]
    image_digest: ImageDigest
    registry_account_id: kinds.AccountId | None
    secret_arn: Each[SecretArn]
    secret_versions: SecretVersions | None
    execution_role_arn: RoleArn
    task_role_arn: RoleArn
    alarm_topic_arn: TopicArn | None
    routing: routing.Inputs | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a service is for others."""

    service_name: ServiceName | None
    """Where there are so few services that the parent has an output for each."""


def stack(system: System, name: str) -> Stack[Inputs, Outputs]:
    """Return the stack of the service called ``name``."""
    return Stack(f"service-{name}", f"{name} of {system.name}", partial(build, system, name))


def build(system: System, name: str, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the template of one service."""
    spec = system.services[name]
    definition = t.add_resource(
        task.definition(
            name,
            spec,
            family=suffixed(f"{system.name_prefix}-{name}", given.environment_suffix),
            image=image(system, name, given),
            secret_arns=given.secret_arn,
            log_group=log_group_name(system.name_prefix, name, given.environment_suffix),
            execution_role=given.execution_role_arn,
            task_role=given.task_role_arn,
        )
    )
    before = [t.add_resource(rule).title for rule in call_rules(system, name, given)]
    service = ecs_service(name, spec, given, definition)
    if given.secret_versions is not None:
        service.ForceNewDeployment = secret_versions.deployment(given.secret_versions)
    load = None
    if given.routing is not None:
        target_group = routing.add(name, spec, t, given.routing, given.security_group_id)
        service.LoadBalancers = [routing.registration(name, spec, target_group.resource)]
        service.HealthCheckGracePeriodSeconds = spec.health_check.start_period
        before += target_group.before_tasks
        load = target_group.resource_label
        balancer = given.routing.load_balancer_full_name
        if given.alarm_topic_arn is not None and balancer is not None:
            errors, unhealthy = service_alarms.of_targets(
                name,
                spec,
                target_group.resource,
                balancer,
                given.alarm_topic_arn,
                alarm_name=suffixed(
                    f"{system.name_prefix}-{name}-errors", given.environment_suffix
                ),
            )
            service.DeploymentConfiguration.Alarms = service_alarms.going_back(errors)
            before.append(str(t.add_resource(errors).title))
            t.add_resource(unhealthy)
    if given.namespace_id is not None:
        entry = t.add_resource(discovery_entry(name, given.namespace_id))
        service.ServiceRegistries = [ecs.ServiceRegistry(RegistryArn=GetAtt(entry, "Arn"))]
    if before:
        service.DependsOn = before
    t.add_resource(service)
    scaling.add(spec.scaling, t, given.cluster_name, service, load)
    if given.alarm_topic_arn is not None:
        for one in service_alarms.of_tasks(
            name, spec, service, given.cluster_name, given.alarm_topic_arn
        ):
            t.add_resource(one)
    told = len(system.services) <= MOST_OUTPUTS
    return Outputs(service_name=ServiceName(GetAtt(service, "Name")) if told else None)


def image(system: System, name: str, given: Inputs) -> AWSHelperFn:
    """Return a service's image, pinned by its digest."""
    host = iam.registry_host(given.registry_account_id or AccountId)
    repository = task.repository(system, name, given.environment_suffix)
    return sub(host, "/", repository, "@", given.image_digest)


def call_rules(
    system: System, name: str, given: Inputs
) -> Iterator[ec2.SecurityGroupEgress | ec2.SecurityGroupIngress]:
    """Yield, for each service called, the rule that lets calls out here and the one that lets them
    in there.
    """
    for callee, group_id in given.callee_security_group_id.items():
        port = system.services[callee].port
        yield from connection(
            given.security_group_id,
            group_id,
            port,
            out=(f"EgressTo{pascal(callee)}", f"Calls to {callee}"),
            into=(f"IngressTo{pascal(callee)}", f"Calls from {name}"),
        )


def ecs_service(
    name: str, spec: Service, given: Inputs, definition: ecs.TaskDefinition
) -> ecs.Service:
    """Return the ECS service.

    It has no ``DesiredCount``: an update would put back a count that autoscaling has changed.
    """
    return ecs.Service(
        "Service",
        ServiceName=suffixed(name, given.environment_suffix),
        Cluster=given.cluster_name,
        TaskDefinition=Ref(definition),
        CapacityProviderStrategy=capacity(spec),
        PlatformVersion="LATEST",
        NetworkConfiguration=ecs.NetworkConfiguration(
            AwsvpcConfiguration=ecs.AwsvpcConfiguration(
                AssignPublicIp="DISABLED",
                Subnets=given.private_subnet_ids,
                SecurityGroups=[given.security_group_id],
            )
        ),
        DeploymentConfiguration=ecs.DeploymentConfiguration(
            MinimumHealthyPercent=100,
            MaximumPercent=200,
            DeploymentCircuitBreaker=ecs.DeploymentCircuitBreaker(Enable=True, Rollback=True),
        ),
        LoadBalancers=[],  # empty, not absent: an update leaves what is absent as it was
        ServiceRegistries=[],
        AvailabilityZoneRebalancing="ENABLED",
        EnableECSManagedTags=True,
        EnableExecuteCommand=False,
        PropagateTags="SERVICE",
    )


def capacity(spec: Service) -> list[ecs.CapacityProviderStrategyItem]:
    """Return the shares of Fargate and Fargate Spot; a provider without a share is left out."""
    chosen = spec.capacity
    items = []
    if chosen.fargate_base or chosen.fargate_weight:
        items.append(
            ecs.CapacityProviderStrategyItem(
                CapacityProvider="FARGATE",
                Base=chosen.fargate_base,
                Weight=chosen.fargate_weight,
            )
        )
    if chosen.spot_weight:
        items.append(
            ecs.CapacityProviderStrategyItem(
                CapacityProvider="FARGATE_SPOT", Weight=chosen.spot_weight
            )
        )
    return items


def discovery_entry(name: str, namespace_id: NamespaceId) -> servicediscovery.Service:
    """Return the entry ``<service>.<namespace>``: the addresses of the healthy tasks."""
    return servicediscovery.Service(
        "DiscoveryEntry",
        Name=name,
        DnsConfig=servicediscovery.DnsConfig(
            NamespaceId=namespace_id,
            RoutingPolicy="MULTIVALUE",
            DnsRecords=[servicediscovery.DnsRecord(Type="A", TTL=str(DNS_TTL))],
        ),
        HealthCheckCustomConfig=servicediscovery.HealthCheckCustomConfig(FailureThreshold=1),
    )
