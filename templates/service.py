"""Service: one microservice on Fargate, with its logs, roles, calls, discovery and scaling."""

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
    logs,
    servicediscovery,
)
from troposphere.iam import Role

from description.model import Service, System
from description.names import MOST_OUTPUTS
from description.rules.services import DNS_TTL
from templates import guardduty, iam, kinds, routing, scaling, secret_versions, service_alarms, task
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import (
    ClusterName,
    Days,
    EnvironmentSuffix,
    ImageDigest,
    KeyArn,
    NamespaceId,
    SecretArn,
    SecretVersions,
    SecurityGroupId,
    ServiceName,
    SubnetIds,
    TopicArn,
)
from templates.lifecycle import keep
from templates.names import log_group_name, pascal, repository_name, suffixed
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
    secret_key_arn: KeyArn | None
    secret_arn: Each[SecretArn]
    secret_versions: SecretVersions | None
    log_retention_days: Days
    log_key_arn: KeyArn | None
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
    repository = image_repository(system, name, given)

    log_group = t.add_resource(container_log_group(system, name, given))
    execution_role = t.add_resource(execution_role_of(name, given, repository, log_group))
    task_role = t.add_resource(task_role_of(name, spec, given))
    definition = t.add_resource(
        task.definition(
            name,
            spec,
            family=suffixed(f"{system.name_prefix}-{name}", given.environment_suffix),
            image=sub(repository.uri, "@", given.image_digest),
            secret_arns=given.secret_arn,
            log_group=log_group,
            execution_role=execution_role,
            task_role=task_role,
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


@dataclass(frozen=True)
class Repository:
    """The ECR repository that a service's image is pulled from."""

    uri: AWSHelperFn
    arn: AWSHelperFn


def image_repository(system: System, name: str, given: Inputs) -> Repository:
    """Return the repository that the registry makes for a service, or the existing one.

    It is known by its name, not by an edge, so that a system's repositories do not use up the
    parameters of the services stack.
    """
    path: AWSHelperFn | str
    if system.registry.mode == "create":
        path = repository_name(system.name_prefix, name, given.environment_suffix)
    else:
        path = system.services[name].repository or name
    account = given.registry_account_id or AccountId
    return Repository(
        uri=sub(iam.registry_host(account), "/", path),
        arn=iam.arn("ecr", "repository/", path, account=account),
    )


def container_log_group(system: System, name: str, given: Inputs) -> logs.LogGroup:
    """Return the service's log group; its name is one that the log key's policy allows."""
    group = logs.LogGroup(
        "LogGroup",
        LogGroupName=log_group_name(system.name_prefix, name, given.environment_suffix),
        RetentionInDays=given.log_retention_days,
    )
    if given.log_key_arn is not None:
        group.KmsKeyId = given.log_key_arn
    return keep(group, system.removal_policy)


def execution_role_of(
    name: str, given: Inputs, repository: Repository, log_group: logs.LogGroup
) -> Role:
    """Return the role with which ECS starts this service's tasks, and no other service's."""
    allowed = [
        iam.authenticate_to_ecr(),
        iam.pull_image(repository.arn),
        guardduty.pull_agent(),
        iam.write_logs(GetAtt(log_group, "Arn")),
    ]
    if given.secret_arn:
        allowed.append(iam.read_secrets(given.secret_arn.values()))
    if given.secret_key_arn is not None:
        allowed.append(iam.decrypt_secrets(given.secret_key_arn, given.secret_arn.values()))
    return iam.ecs_task_role("ExecutionRole", f"Starts the tasks of {name}", *allowed)


def task_role_of(name: str, spec: Service, given: Inputs) -> Role:
    """Return the role of the service's own code: what its description says, nothing else."""
    return iam.ecs_task_role(
        "TaskRole",
        f"What the code of {name} may do",
        *(
            iam.act(one.sid, one.actions, one.resources, given.environment_suffix)
            for one in spec.permissions
        ),
    )


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
