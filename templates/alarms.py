"""Alarms: what people hear of, by the topic that each alarm tells when it rings and when it ends.

Metrics and dimensions: CloudWatch User Guide, "Recommended alarms"; Elastic Load Balancing,
"CloudWatch metrics for your Application Load Balancer"; Amazon VPC User Guide, "NAT gateway metrics
and dimensions".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from troposphere import cloudwatch

from templates.kinds import LoadBalancerFullName, NatGatewayId, TopicArn
from templates.names import pascal

MINUTE: Final = 60
LOAD_BALANCER_ERRORS: Final = 10
"""Answers of 500 to 599 in a minute that the load balancer gives by itself."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """When an alarm rings: if ``statistic`` of a metric's minute compares so with ``threshold`` in
    ``datapoints`` of the last ``minutes``.
    """

    namespace: str
    metric: str
    statistic: Literal["Average", "Maximum", "Minimum", "Sum"]
    threshold: int
    datapoints: int
    minutes: int
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    missing: Literal["breaching", "notBreaching"] = "notBreaching"
    """What a minute without the metric counts as."""


def alarm(
    title: str,
    description: str,
    watch: Watch,
    dimensions: Mapping[str, object],
    topic: TopicArn,
    **more: Any,
) -> cloudwatch.Alarm:
    """Return an alarm that tells ``topic`` when it rings and when it ends. ``more`` are further
    properties and attributes.
    """
    return cloudwatch.Alarm(
        title,
        AlarmDescription=description,
        Namespace=watch.namespace,
        MetricName=watch.metric,
        Dimensions=[
            cloudwatch.MetricDimension(Name=key, Value=value) for key, value in dimensions.items()
        ],
        Statistic=watch.statistic,
        Period=MINUTE,
        EvaluationPeriods=watch.minutes,
        DatapointsToAlarm=watch.datapoints,
        ComparisonOperator=watch.comparison,
        Threshold=watch.threshold,
        TreatMissingData=watch.missing,
        AlarmActions=[topic],
        OKActions=[topic],
        **more,
    )


def of_load_balancer(balancer: LoadBalancerFullName, topic: TopicArn) -> Iterator[cloudwatch.Alarm]:
    """Yield the alarms over the load balancer itself: errors of its own, and connections that it
    could not take.
    """
    dimensions = {"LoadBalancer": balancer}
    for title, about, metric, threshold in (
        (
            "LoadBalancerErrorsAlarm",
            f"The load balancer gives more than {LOAD_BALANCER_ERRORS} answers of 500 to 599 a "
            "minute by itself: no task takes the requests",
            "HTTPCode_ELB_5XX_Count",
            LOAD_BALANCER_ERRORS,
        ),
        (
            "RejectedConnectionsAlarm",
            "The load balancer rejects connections: it has as many as it takes",
            "RejectedConnectionCount",
            0,
        ),
    ):
        watch = Watch(
            namespace="AWS/ApplicationELB",
            metric=metric,
            statistic="Sum",
            threshold=threshold,
            datapoints=3,
            minutes=5,
        )
        yield alarm(title, about, watch, dimensions, topic)


def of_nat_gateways(
    gateways: Mapping[str, NatGatewayId], topic: TopicArn
) -> Iterator[cloudwatch.Alarm]:
    """Yield the alarms over NAT gateways, by name: ports used up, and packets that got lost."""
    for name, gateway in gateways.items():
        for title, about, metric in (
            ("PortsAlarm", "has no port left for new connections", "ErrorPortAllocation"),
            ("DropsAlarm", "drops packets", "PacketsDropCount"),
        ):
            watch = Watch(
                namespace="AWS/NATGateway",
                metric=metric,
                statistic="Sum",
                threshold=0,
                datapoints=5,
                minutes=5,
            )
            yield alarm(
                f"{pascal(name)}{title}",
                f"The {name.replace('-', ' ')} {about}",
                watch,
                {"NatGatewayId": gateway},
                topic,
            )
