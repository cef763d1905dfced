"""Alarms watch what there is, and tell somebody."""

from typing import Final

from checks.consistency.nest import (
    CLUSTER,
    LOAD_BALANCER,
    SERVICE,
    TARGET_GROUP,
    Nest,
    each,
    every,
    section,
    text,
)
from checks.consistency.rule import Hit, Hits, rule

ALARM: Final = "AWS::CloudWatch::Alarm"
TOPIC: Final = "AWS::SNS::Topic"
SUBSCRIPTION: Final = "AWS::SNS::Subscription"
NAT: Final = "AWS::EC2::NatGateway"
EMAIL: Final = "AlarmEmail"

DIMENSIONS: Final = {
    "ClusterName": (CLUSTER, None),
    "LoadBalancer": (LOAD_BALANCER, "LoadBalancerFullName"),
    "NatGatewayId": (NAT, None),
    "ServiceName": (SERVICE, "Name"),
    "TargetGroup": (TARGET_GROUP, "TargetGroupFullName"),
}
"""A dimension to the type and attribute that its value is of."""

_TASKS: Final = frozenset({"ClusterName", "ServiceName"})
_BALANCER: Final = frozenset({"LoadBalancer"})
_TARGETS: Final = frozenset({"LoadBalancer", "TargetGroup"})
_GATEWAY: Final = frozenset({"NatGatewayId"})

METRICS: Final = {
    ("AWS/ApplicationELB", _BALANCER): {
        "ClientTLSNegotiationErrorCount",
        "HTTPCode_ELB_4XX_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
        "RejectedConnectionCount",
        "TargetConnectionErrorCount",
        "TargetResponseTime",
    },
    ("AWS/ApplicationELB", _TARGETS): {
        "HTTPCode_Target_4XX_Count",
        "HTTPCode_Target_5XX_Count",
        "HealthyHostCount",
        "RequestCountPerTarget",
        "TargetConnectionErrorCount",
        "TargetResponseTime",
        "UnHealthyHostCount",
    },
    ("AWS/ECS", _TASKS): {"CPUUtilization", "MemoryUtilization"},
    ("AWS/NATGateway", _GATEWAY): {
        "ConnectionAttemptCount",
        "ErrorPortAllocation",
        "PacketsDropCount",
    },
    ("ECS/ContainerInsights", _TASKS): {
        "DesiredTaskCount",
        "EphemeralStorageUtilized",
        "PendingTaskCount",
        "RestartCount",
        "RunningTaskCount",
    },
}
"""Namespace and dimensions to the metrics that AWS keeps with them.

Source: Elastic Load Balancing, "CloudWatch metrics for your Application Load Balancer"; ECS
Developer Guide, "Amazon ECS CloudWatch metrics" and "Container Insights"; Amazon VPC User Guide,
"NAT gateway metrics and dimensions".
"""


@rule("E9782")
def nobody_is_told(nest: Nest) -> Hits:
    """Require that the end of an alarm is told where its beginning is, and that the topic tells the
    address that was given and nobody else (PCI DSS 10.7.2).
    """
    for alarm in nest.system.of_type(ALARM):
        begins, ends = (
            {text(one) for one in every(alarm.properties, name)}
            for name in ("AlarmActions", "OKActions")
        )
        if not begins <= ends:
            yield Hit(alarm, "must tell those whom AlarmActions tells", ("OKActions",))
    email = text(nest.system.parameters.get(EMAIL))
    told = set()
    for one in nest.system.of_type(SUBSCRIPTION):
        listener = [text(one.properties.get(name)) for name in ("Protocol", "Endpoint")]
        if listener == ["email", email]:
            told.add(text(one.properties.get("TopicArn")))
        else:
            yield Hit(one, f"must tell {EMAIL} by e-mail, and nobody else")
    for topic in nest.system.of_type(TOPIC):
        if nest.identity(topic) not in told:
            yield Hit(topic, f"must tell {EMAIL} by e-mail")
        if "Subscription" in topic.properties:
            yield Hit(topic, f"must tell {EMAIL}, and nobody else", ("Subscription",))


@rule("E9783")
def watches_something_else(nest: Nest) -> Hits:
    """Require that an alarm's dimensions name what is there, and its own service's in a service's
    stack: one over anything else never rings.
    """
    stacks = {parts.stack.address for parts in nest.services.values()}
    for alarm in nest.system.of_type(ALARM):
        for index, one in enumerate(each(alarm.properties, "Dimensions")):
            kind, attribute = DIMENSIONS.get(str(one.get("Name")), ("", None))
            value = text(one.get("Value"))
            found = nest.identified(kind, attribute).get(value or "")
            where = ("Dimensions", index)
            if kind and found is None:
                yield Hit(alarm, f"{one.get('Name')} names nothing of this system: {value}", where)
            elif found and alarm.stack != found.stack and {alarm.stack, found.stack} <= stacks:
                yield Hit(alarm, f"is over {found.address}, another service's", where)


@rule("E9784")
def no_such_metric(nest: Nest) -> Hits:
    """Require a metric that AWS keeps for just these dimensions: any other has no data, and the
    alarm never rings.
    """
    for alarm in nest.system.of_type(ALARM):
        name = alarm.properties.get("MetricName")
        if name is None:
            continue
        names = frozenset(str(one.get("Name")) for one in each(alarm.properties, "Dimensions"))
        namespace = str(alarm.properties.get("Namespace"))
        if text(name) not in METRICS.get((namespace, names), ()):
            listed = ", ".join(sorted(names)) or "no dimension"
            yield Hit(alarm, f"{namespace} has no {name} of {listed}", ("MetricName",))
        if namespace == "ECS/ContainerInsights" and not _observed(nest):
            message = f"{name} is there only while the cluster's containerInsights are enabled"
            yield Hit(alarm, message, ("MetricName",))


def _observed(nest: Nest) -> bool:
    """Return whether Container Insights observe each cluster."""
    return all(
        any(
            one.get("Name") == "containerInsights" and one.get("Value") in ("enabled", "enhanced")
            for one in each(cluster.properties, "ClusterSettings")
        )
        for cluster in nest.system.of_type(CLUSTER)
    )


RECOMMENDED: Final = {
    "LoadBalancer": {"HTTPCode_ELB_5XX_Count", "RejectedConnectionCount"},
    "NatGatewayId": {"ErrorPortAllocation", "PacketsDropCount"},
    "ServiceName": {"CPUUtilization", "MemoryUtilization", "RunningTaskCount"},
    "TargetGroup": {"HTTPCode_Target_5XX_Count", "UnHealthyHostCount"},
}
"""The dimension of what is watched to the metrics that say that it fails.

Source: CloudWatch User Guide, "Recommended alarms".
"""


@rule("E9785")
def unwatched(nest: Nest) -> Hits:
    """Require the recommended alarms over each service, target group, load balancer and NAT gateway
    where the description wants alarms, and none where it does not.
    """
    alarms = nest.system.of_type(ALARM)
    if not nest.described.alarms:
        for alarm in alarms:
            yield Hit(alarm, "is not in the description")
        return
    if not nest.system.of_type(TOPIC):
        yield Hit(nest.parent, "has no topic for its alarms")
    watched = {
        (text(one.get("Value")), alarm.properties.get("MetricName"))
        for alarm in alarms
        for one in each(alarm.properties, "Dimensions")
    }
    for name, metrics in RECOMMENDED.items():
        kind, attribute = DIMENSIONS[name]
        for resource in nest.system.of_type(kind):
            identity = nest.identity(resource, attribute)
            missing = [one for one in sorted(metrics) if (identity, one) not in watched]
            if missing:
                yield Hit(resource, f"has no alarm over {', '.join(missing)}")


@rule("E9786")
def deployment_alarms(nest: Nest) -> Hits:
    """Require that a deployment of a service with routes goes back when an alarm of its own rings:
    the circuit breaker does not see answers that are wrong.
    """
    for parts, service in nest.ecs_services():
        given = section(service.properties, "DeploymentConfiguration", "Alarms")
        where = ("DeploymentConfiguration", "Alarms")
        names = {text(one) for one in every(given, "AlarmNames")}
        own = {nest.identity(one) for one in parts.of_type(ALARM)}
        if not names <= own:
            yield Hit(service, f"names no alarm of its own: {sorted(map(str, names - own))}", where)
        wanted = nest.described.alarms and bool(parts.spec.routes)
        switches = [text(given.get(name)) for name in ("Enable", "Rollback")]
        if wanted and (not names or switches != ["true", "true"]):
            yield Hit(service, "must name an alarm, with Enable and Rollback", where)


@rule("E9787")
def thresholds_as_described(nest: Nest) -> Hits:
    """Require that alarms ring at the described numbers of tasks and errors, above what scaling
    aims at, and without data where that is the failure: else they ring too late, or always.
    """
    for parts in nest.services.values():
        wanted = {
            "HTTPCode_Target_5XX_Count": parts.spec.errors_per_minute,
            "RunningTaskCount": parts.spec.scaling.min,
            "UnHealthyHostCount": 0,
        }
        aims = {
            "CPUUtilization": parts.spec.scaling.cpu,
            "MemoryUtilization": parts.spec.scaling.memory,
        }
        for alarm in parts.of_type(ALARM):
            metric = str(alarm.properties.get("MetricName"))
            found = text(alarm.properties.get("Threshold")) or "none"
            if metric in wanted and found != text(wanted[metric]):
                yield Hit(alarm, f"must be {wanted[metric]}, found {found}", ("Threshold",))
            aim = aims.get(metric)
            if aim is not None and not (found.isdecimal() and aim < int(found) < 100):
                yield Hit(
                    alarm, f"must be above {aim} and below 100, found {found}", ("Threshold",)
                )
    for alarm in nest.system.of_type(ALARM):
        few = alarm.properties.get("MetricName") in TOO_FEW
        expected = {
            "ComparisonOperator": ("LessThan" if few else "GreaterThan", "Threshold"),
            "TreatMissingData": ("breaching" if few else "notBreaching", ""),
        }
        for name, (begin, end) in expected.items():
            given = str(alarm.properties.get(name))
            if not (given.startswith(begin) and given.endswith(end or begin)):
                yield Hit(alarm, f"must be {begin}{end}, found {given}", (name,))
        points = text(alarm.properties.get("DatapointsToAlarm")) or "0"
        periods = text(alarm.properties.get("EvaluationPeriods")) or "0"
        if points.isdecimal() and periods.isdecimal() and int(points) > int(periods):
            message = f"must be {periods} or less, of as many minutes, found {points}"
            yield Hit(alarm, message, ("DatapointsToAlarm",))


TOO_FEW: Final = frozenset({"HealthyHostCount", "RunningTaskCount"})
"""Metrics of which little is bad, and none the worst."""
