"""Parent: the stack that people deploy. It nests all others and joins their edges.

It deploys in two phases. While no image is known there is a network, security and a registry to
push images to; the services stack joins with the first image, each service with its own. A service
added to a running system so waits for its image without touching the others.
"""

from troposphere import AccountId, Equals, If, Join, Not, Output, Ref, Tags

from description.model import System
from templates import (
    kinds,
    load_balancer,
    monitoring,
    network,
    parameters,
    registry,
    security,
    services,
)
from templates.edges import StackTemplate, Value
from templates.names import pascal

AN_IMAGE_IS_KNOWN = "AnImageIsKnown"
REGISTRY_ELSEWHERE = "RegistryElsewhere"


def build(system: System) -> StackTemplate:
    """Return the parent template of ``system``, with all templates nested in it."""
    t = StackTemplate("parent", system.description)
    suffix = kinds.EnvironmentSuffix(Ref(t.add_parameter(parameters.environment_suffix())))
    zones = kinds.ZoneIds(Ref(t.add_parameter(parameters.availability_zone_ids(system))))
    retention = kinds.Days(Ref(t.add_parameter(parameters.log_retention_days(system))))
    digests = {
        name: kinds.ImageDigest(Ref(t.add_parameter(parameters.image_digest(name))))
        for name in system.services
    }
    t.add_condition(AN_IMAGE_IS_KNOWN, Not(Equals(Join("", list(digests.values())), "")))

    net = t.nest(
        "Network",
        network.stack(system),
        network.Inputs(environment_suffix=suffix, availability_zone_ids=zones),
        **tags(system),
    )
    guard = security.Outputs(
        load_balancer_security_group_id=None, log_key_arn=None, secret_key_arn=None, secret_arn={}
    )
    if security.is_needed(system):
        guard = t.nest(
            "Security",
            security.stack(system),
            security.Inputs(
                environment_suffix=suffix, vpc_id=net.vpc_id if system.routed else None
            ),
            **tags(system),
        )
    watch = monitoring.NOTHING
    if monitoring.is_needed(system):
        watch = t.nest(
            "Monitoring",
            monitoring.stack(system),
            monitoring.Inputs(
                environment_suffix=suffix,
                log_retention_days=retention if system.keeps_logs_in_a_bucket else None,
                vpc_id=net.vpc_id if system.network.flow_logs else None,
                alarm_email=alarm_email(t) if system.alarms else None,
                nat_gateway_id=net.nat_gateway_id,
            ),
            **tags(system),
        )
    images = None
    if system.registry.mode == "create":
        images = t.nest(
            "Registry",
            registry.stack(system),
            registry.Inputs(environment_suffix=suffix),
            **tags(system),
        )
    run = t.nest(
        "Services",
        services.stack(system),
        services.Inputs(
            environment_suffix=suffix,
            vpc_id=net.vpc_id,
            private_subnet_ids=net.private_subnet_ids,
            log_retention_days=retention,
            log_key_arn=guard.log_key_arn,
            secret_key_arn=guard.secret_key_arn,
            secret_arn=guard.secret_arn,
            image_digest=digests,
            registry_account_id=registry_account_id(system, t),
            alarm_topic_arn=watch.alarm_topic_arn,
            edge=edge_inputs(system, t, net, guard, watch),
        ),
        Condition=AN_IMAGE_IS_KNOWN,
        **tags(system),
    )
    add_outputs(t, net, watch, images, run)
    t.set_metadata(parameters.console_groups(t))
    return t


def tags(system: System) -> dict[str, Tags]:
    """Return the description's tags for a nested stack; CloudFormation hands them on to every
    resource in it that can have tags.
    """
    return {"Tags": Tags(**system.tags)} if system.tags else {}


def alarm_email(t: StackTemplate) -> kinds.EmailAddress:
    """Return who hears of alarms."""
    return kinds.EmailAddress(Ref(t.add_parameter(parameters.alarm_email())))


def registry_account_id(system: System, t: StackTemplate) -> kinds.AccountId | None:
    """Return the account of the existing registry: the one given, or this one."""
    if system.registry.mode == "create":
        return None
    given = Ref(t.add_parameter(parameters.registry_account_id()))
    t.add_condition(REGISTRY_ELSEWHERE, Not(Equals(given, "")))
    return kinds.AccountId(If(REGISTRY_ELSEWHERE, given, AccountId))


def edge_inputs(
    system: System,
    t: StackTemplate,
    net: network.Outputs,
    guard: security.Outputs,
    watch: monitoring.Outputs,
) -> load_balancer.Inputs | None:
    """Return what the load balancer needs to know, if there is one."""
    if net.public_subnet_ids is None or guard.load_balancer_security_group_id is None:
        return None
    certificate = None
    if system.edge.protocol == "https":
        certificate = kinds.CertificateArn(Ref(t.add_parameter(parameters.certificate_arn())))
    return load_balancer.Inputs(
        public_subnet_ids=net.public_subnet_ids,
        load_balancer_security_group_id=guard.load_balancer_security_group_id,
        deletion_protection=kinds.Flag(
            Ref(t.add_parameter(parameters.deletion_protection(system)))
        ),
        certificate_arn=certificate,
        log_bucket_name=watch.log_bucket_name if system.keeps_access_logs else None,
    )


def add_outputs(
    t: StackTemplate,
    net: network.Outputs,
    watch: monitoring.Outputs,
    images: registry.Outputs | None,
    run: services.Outputs,
) -> None:
    """Add what people look up after a deployment; of services only once there are any."""

    def add(title: str, description: str, value: Value | None, **condition: str) -> None:
        if value is not None:
            t.add_output(Output(title, Description=description, Value=value, **condition))

    joined = {"Condition": AN_IMAGE_IS_KNOWN}
    add("VpcId", "VPC", net.vpc_id)
    add("LogBucketName", "Bucket of flow and load balancer logs", watch.log_bucket_name)
    add("AlarmTopicArn", "Topic that alarms publish to", watch.alarm_topic_arn)
    add("RegistryUri", "Where to push images", images.registry_uri if images else None)
    add("EcsClusterName", "ECS cluster", run.ecs_cluster_name, **joined)
    add("AlbDnsName", "DNS name of the load balancer", run.alb_dns_name, **joined)
    add(
        "ServiceDiscoveryNamespace",
        "Private DNS namespace of the services",
        run.service_discovery_namespace,
        **joined,
    )
    for name, service in run.service_name.items():
        add(f"{pascal(name)}ServiceName", f"ECS service of {name}", service, **joined)
