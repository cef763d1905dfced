"""Routing: how the load balancer reaches a service's tasks."""

from dataclasses import dataclass

from troposphere import AWSHelperFn, GetAtt, Ref, ecs
from troposphere import elasticloadbalancingv2 as elb

from description.model import Route, Service
from templates.edges import StackTemplate
from templates.kinds import ListenerArn, LoadBalancerFullName, SecurityGroupId, VpcId
from templates.text import sub
from templates.traffic import connection

UNUSED_PORT = 80
HEALTHY_THRESHOLD = 2
"""Good answers in a row before a task gets requests."""
UNHEALTHY_THRESHOLD = 3
"""Bad answers in a row before a task gets no more."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a routed service needs to know of the load balancer in front of it."""

    vpc_id: VpcId
    load_balancer_security_group_id: SecurityGroupId
    listener_arn: ListenerArn
    load_balancer_full_name: LoadBalancerFullName | None
    """Only to scale on the requests per task, or for alarms."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A service's target group, reachable."""

    resource: elb.TargetGroup
    before_tasks: list[str]
    """Logical ids that have to be there before the first task."""
    resource_label: AWSHelperFn | None
    """What CloudWatch calls this target group behind this load balancer."""


def add(
    name: str,
    spec: Service,
    t: StackTemplate,
    given: Inputs,
    security_group_id: SecurityGroupId,
) -> Target:
    """Add a service's target group, its listener rules and the way to its tasks to ``t``."""
    group = t.add_resource(target_group(spec, given))
    rules = [t.add_resource(listener_rule(route, given, group)) for route in spec.routes]
    ways = [
        t.add_resource(rule)
        for rule in connection(
            given.load_balancer_security_group_id,
            security_group_id,
            spec.port,
            out=("EgressFromLoadBalancer", f"Requests to {name}"),
            into=("IngressFromLoadBalancer", "Requests from the load balancer"),
        )
    ]
    label = None
    if given.load_balancer_full_name is not None:
        label = sub(given.load_balancer_full_name, "/", GetAtt(group, "TargetGroupFullName"))
    return Target(
        resource=group,
        before_tasks=[str(one.title) for one in (*rules, *ways)],
        resource_label=label,
    )


def target_group(spec: Service, given: Inputs) -> elb.TargetGroup:
    """Return the target group.

    It has no name: one would stand in the way of a replacement. ECS registers each task with the
    port of its container; the group's own port is never used, and the same for every service, so
    that a service can change its port without a new, empty target group.
    """
    check = spec.health_check
    attributes = {
        "deregistration_delay.timeout_seconds": str(spec.deregistration_delay),
        "load_balancing.algorithm.type": "least_outstanding_requests",
    }
    return elb.TargetGroup(
        "TargetGroup",
        TargetType="ip",
        VpcId=given.vpc_id,
        Protocol="HTTP",
        Port=UNUSED_PORT,
        HealthCheckProtocol="HTTP",
        HealthCheckPath=check.path,
        HealthCheckIntervalSeconds=check.interval,
        HealthCheckTimeoutSeconds=check.timeout,
        HealthyThresholdCount=HEALTHY_THRESHOLD,
        UnhealthyThresholdCount=UNHEALTHY_THRESHOLD,
        Matcher=elb.Matcher(HttpCode="200"),
        TargetGroupAttributes=[
            elb.TargetGroupAttribute(Key=key, Value=value) for key, value in attributes.items()
        ],
    )


def listener_rule(route: Route, given: Inputs, group: elb.TargetGroup) -> elb.ListenerRule:
    """Return the rule that sends the route's requests to the service."""
    conditions = []
    if route.hosts:
        conditions.append(
            elb.Condition(
                Field="host-header", HostHeaderConfig=elb.HostHeaderConfig(Values=list(route.hosts))
            )
        )
    if route.paths:
        conditions.append(
            elb.Condition(
                Field="path-pattern",
                PathPatternConfig=elb.PathPatternConfig(Values=list(route.paths)),
            )
        )
    return elb.ListenerRule(
        f"ListenerRule{route.priority}",
        ListenerArn=given.listener_arn,
        Priority=route.priority,
        Conditions=conditions,
        Actions=[elb.ListenerRuleAction(Type="forward", TargetGroupArn=Ref(group))],
    )


def registration(name: str, spec: Service, group: elb.TargetGroup) -> ecs.LoadBalancer:
    """Return what makes ECS register the service's tasks with its target group."""
    return ecs.LoadBalancer(ContainerName=name, ContainerPort=spec.port, TargetGroupArn=Ref(group))
