"""Parent: the stack that people deploy. It nests all others and joins their edges.

It deploys in two phases. While no image is known there is all that services stand on, and a
registry to push images to. Each service joins with its own image: one that is added to a running
system waits for it without touching the others.

A nested stack waits for all of another one if it uses anything of it, and is seen to be complete
only some time after it is. So the VPC and the load balancer, for which services wait longest, are
in the parent itself, and what takes minutes too has a stack of its own beside them: ``Network``
with NAT gateways and endpoints, ``Services`` with the namespace, ``Security`` with the keys. What
needs the load balancer and is no service's, its web ACL's association and its alarms, is in the
parent for the same reason.
"""

from collections.abc import Mapping
from dataclasses import replace

from troposphere import AccountId, Equals, If, Not, Output, Ref, Tags

from description.model import System
from templates import (
    alarms,
    edge,
    kinds,
    log_bucket,
    network,
    parameters,
    pinning,
    registry,
    roles,
    routing,
    secret_versions,
    security,
    service,
    services,
    vpc,
    web_acl,
)
from templates.edges import StackTemplate, Value
from templates.names import pascal, stack_of

REGISTRY_ELSEWHERE = "RegistryElsewhere"


def build(system: System) -> StackTemplate:
    """Return the parent template of ``system``, with all templates nested in it."""
    t = StackTemplate("parent", system.description)
    suffix = kinds.EnvironmentSuffix(Ref(t.add_parameter(parameters.environment_suffix())))
    zones = kinds.ZoneIds(Ref(t.add_parameter(parameters.availability_zone_ids(system))))
    retention = kinds.Days(Ref(t.add_parameter(parameters.log_retention_days(system))))
    digests = pinning.pinned(system, t)

    ground = vpc.add(system, t, suffix, zones)
    bucket = None
    if system.keeps_logs_in_a_bucket:
        bucket = log_bucket.add(system, t, suffix, retention, ground.vpc_id)
    front = None
    if system.routed:
        front = edge.add(system, t, suffix, ground, bucket if system.keeps_access_logs else None)
    out = t.nest(
        "Network",
        network.stack(system),
        network.Inputs(
            environment_suffix=suffix,
            vpc_id=ground.vpc_id,
            public_subnet_id={
                letter: ground.public_subnet_id[letter] for letter in network.zones_with_nat(system)
            },
            private_subnet_id=ground.private_subnet_id,
        ),
        DependsOn=[ground.reaches_internet],
    )
    guard = nest_security(system, t, suffix)
    images = None
    if system.registry.mode == "create":
        images = t.nest(
            "Registry",
            registry.stack(system),
            registry.Inputs(environment_suffix=suffix),
        )
    around = nest_services(system, t, suffix, ground.vpc_id)
    if front is not None and system.has_web_acl:
        firewall = t.nest(
            "WebAcl",
            web_acl.stack(system),
            web_acl.Inputs(
                environment_suffix=suffix,
                log_retention_days=retention,
                log_key_arn=guard.log_key_arn,
            ),
        )
        t.add_resource(web_acl.association(front.load_balancer_arn, firewall.web_acl_arn))
    if guard.alarm_topic_arn is not None:
        add_alarms(t, guard.alarm_topic_arn, out.nat_gateway_id, front)
    add_outputs(t, ground, bucket, guard, images, around, front)
    registry_account = registry_account_id(system, t)
    versions = secret_versions.add(system, t)
    rights = nest_roles(system, t, suffix, retention, guard, registry_account)
    for name, spec in system.services.items():
        made = t.nest(
            stack_of(name),
            service.stack(system, name),
            service.Inputs(
                environment_suffix=suffix,
                private_subnet_ids=ground.private_subnet_ids,
                cluster_name=around.ecs_cluster_name,
                namespace_id=around.namespace_id if spec.port else None,
                security_group_id=around.security_group_id[name],
                callee_security_group_id={
                    callee: around.security_group_id[callee] for callee in spec.calls
                },
                image_digest=digests[name],
                registry_account_id=registry_account,
                secret_arn={read: guard.secret_arn[read] for read in spec.secret_names},
                secret_versions=versions.get(name),
                execution_role_arn=rights.execution_role_arn[name],
                task_role_arn=rights.task_role_arn[name],
                alarm_topic_arn=guard.alarm_topic_arn,
                routing=behind(system, name, ground, front) if spec.routes else None,
            ),
            Condition=pinning.is_known(name),
            DependsOn=["Network"],  # without a way out no task can pull its image
        )
        if made.service_name is not None:
            t.add_output(
                Output(
                    f"{pascal(name)}ServiceName",
                    Condition=pinning.is_known(name),
                    Description=f"ECS service of {name}",
                    Value=made.service_name,
                )
            )
    tag(t, system.tags)
    t.set_metadata({**parameters.console_groups(t), **pinning.metadata(system)})
    return t


def nest_security(
    system: System, t: StackTemplate, suffix: kinds.EnvironmentSuffix
) -> security.Outputs:
    """Nest the keys, the secrets and the alarm topic, as far as ``system`` has them."""
    made = security.NOTHING
    if security.is_needed(system):
        email = None
        if system.alarms:
            email = kinds.EmailAddress(Ref(t.add_parameter(parameters.alarm_email())))
        given = security.Inputs(environment_suffix=suffix, alarm_email=email)
        made = t.nest("Security", security.stack(system), given)
    arns = dict(made.secret_arn)
    for shard in further(system.shards_of_secrets):
        more = t.nest(
            f"Security{shard}",
            security.further(system, shard),
            security.FurtherInputs(environment_suffix=suffix, secret_key_arn=made.secret_key_arn),
        )
        arns |= more.secret_arn
    return replace(made, secret_arn=arns)


def nest_services(
    system: System, t: StackTemplate, suffix: kinds.EnvironmentSuffix, vpc_id: kinds.VpcId
) -> services.Outputs:
    """Nest what is around the services."""
    given = services.Inputs(environment_suffix=suffix, vpc_id=vpc_id)
    made = t.nest("Services", services.stack(system), given)
    groups = dict(made.security_group_id)
    for shard in further(system.shards_of_services):
        more = t.nest(f"Services{shard}", services.further(system, shard), given)
        groups |= more.security_group_id
    return replace(made, security_group_id=groups)


def nest_roles(
    system: System,
    t: StackTemplate,
    suffix: kinds.EnvironmentSuffix,
    retention: kinds.Days,
    guard: security.Outputs,
    registry_account: kinds.AccountId | None,
) -> roles.Outputs:
    """Nest what the services' tasks may do, and where they write what they say."""
    starts: dict[str, kinds.RoleArn] = {}
    codes: dict[str, kinds.RoleArn] = {}
    for shard, names in system.shards_of_services.items():
        read = {secret for name in names for secret in system.services[name].secret_names}
        made = t.nest(
            "Roles" if shard == 1 else f"Roles{shard}",
            roles.stack(system, shard),
            roles.Inputs(
                environment_suffix=suffix,
                registry_account_id=registry_account,
                secret_key_arn=guard.secret_key_arn if read else None,
                secret_arn={name: arn for name, arn in guard.secret_arn.items() if name in read},
                log_retention_days=retention,
                log_key_arn=guard.log_key_arn,
            ),
        )
        starts |= made.execution_role_arn
        codes |= made.task_role_arn
    return roles.Outputs(execution_role_arn=starts, task_role_arn=codes)


def add_alarms(
    t: StackTemplate,
    topic: kinds.TopicArn,
    nat_gateway_id: Mapping[str, kinds.NatGatewayId],
    front: edge.Edge | None,
) -> None:
    """Add alarms over what the services stand on; each service has its own beside it."""
    for one in alarms.of_nat_gateways(nat_gateway_id, topic):
        t.add_resource(one)
    if front is not None:
        for one in alarms.of_load_balancer(front.load_balancer_full_name, topic):
            t.add_resource(one)


def further(shards: Mapping[int, list[str]]) -> list[int]:
    """Return the numbers of the shards that need a stack beside the first."""
    return [number for number in shards if number > 1]


def tag(t: StackTemplate, tags: dict[str, str]) -> None:
    """Give the description's tags to every resource that can have some. CloudFormation hands those
    of a nested stack on to all that is in it.
    """
    for one in t.resources.values():
        if tags and "Tags" in one.props:
            one.Tags = getattr(one, "Tags", Tags()) + Tags(**tags)


def registry_account_id(system: System, t: StackTemplate) -> kinds.AccountId | None:
    """Return the account of the existing registry: the one given, or this one."""
    if system.registry.mode == "create":
        return None
    given = Ref(t.add_parameter(parameters.registry_account_id()))
    t.add_condition(REGISTRY_ELSEWHERE, Not(Equals(given, "")))
    return kinds.AccountId(If(REGISTRY_ELSEWHERE, given, AccountId))


def behind(system: System, name: str, ground: vpc.Vpc, front: edge.Edge | None) -> routing.Inputs:
    """Return what a routed service needs to know of the load balancer in front of it."""
    if front is None:
        raise ValueError("a service with routes needs a load balancer")
    measured = system.alarms or system.services[name].scaling.requests_per_target
    return routing.Inputs(
        vpc_id=ground.vpc_id,
        load_balancer_security_group_id=front.load_balancer_security_group_id,
        listener_arn=front.listener_arn,
        load_balancer_full_name=front.load_balancer_full_name if measured else None,
    )


def add_outputs(
    t: StackTemplate,
    ground: vpc.Vpc,
    bucket: log_bucket.LogBucket | None,
    guard: security.Outputs,
    images: registry.Outputs | None,
    around: services.Outputs,
    front: edge.Edge | None,
) -> None:
    """Add what people look up after a deployment."""

    def add(title: str, description: str, value: Value | None) -> None:
        if value is not None:
            t.add_output(Output(title, Description=description, Value=value))

    add("VpcId", "VPC", ground.vpc_id)
    add("LogBucketName", "Bucket of flow and load balancer logs", bucket.name if bucket else None)
    add("AlarmTopicArn", "Topic that alarms publish to", guard.alarm_topic_arn)
    add("RegistryUri", "Where to push images", images.registry_uri if images else None)
    add("EcsClusterName", "ECS cluster", around.ecs_cluster_name)
    add("AlbDnsName", "DNS name of the load balancer", front.alb_dns_name if front else None)
    add(
        "ServiceDiscoveryNamespace",
        "Private DNS namespace of the services",
        around.service_discovery_namespace,
    )
