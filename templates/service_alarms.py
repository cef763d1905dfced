"""Alarms over a service: too few tasks, too busy ones, and what the load balancer sees of them.

Metrics and dimensions: Amazon ECS Developer Guide, "CloudWatch metrics"; CloudWatch User Guide,
"Amazon ECS Container Insights metrics"; Elastic Load Balancing, "CloudWatch metrics for your
Application Load Balancer".
"""

from collections.abc import Iterator
from typing import Final

from troposphere import AWSHelperFn, GetAtt, cloudwatch, ecs
from troposphere import elasticloadbalancingv2 as elb

from description.model import Service
from templates.alarms import Watch, alarm
from templates.kinds import ClusterName, LoadBalancerFullName, TopicArn

HIGH_UTILIZATION: Final = 90
"""Per cent. A service that can still grow does not stay there: scaling aims lower."""


def of_tasks(
    name: str, spec: Service, service: ecs.Service, cluster: ClusterName, topic: TopicArn
) -> Iterator[cloudwatch.Alarm]:
    """Yield the alarms over a service's tasks: too few of them, or too busy ones.

    They come after the service, so that its first tasks are no alarm. Without its metric there is
    no service: that counts as too few.
    """
    dimensions = {"ClusterName": cluster, "ServiceName": service.ServiceName}
    more = {"DependsOn": service.title}
    few = Watch(
        namespace="ECS/ContainerInsights",
        metric="RunningTaskCount",
        statistic="Minimum",
        comparison="LessThanThreshold",
        threshold=spec.scaling.min,
        datapoints=5,
        minutes=5,
        missing="breaching",
    )
    about = f"{name} runs fewer tasks than the {spec.scaling.min} that it should at least"
    yield alarm("TasksAlarm", about, few, dimensions, topic, **more)
    for metric, what in (("CPUUtilization", "Cpu"), ("MemoryUtilization", "Memory")):
        busy = Watch(
            namespace="AWS/ECS",
            metric=metric,
            statistic="Average",
            threshold=HIGH_UTILIZATION,
            datapoints=15,
            minutes=15,
        )
        about = f"{what} of {name} is above {HIGH_UTILIZATION} % for 15 minutes"
        yield alarm(f"{what}Alarm", about, busy, dimensions, topic, **more)


def of_targets(
    name: str,
    spec: Service,
    group: elb.TargetGroup,
    balancer: LoadBalancerFullName,
    topic: TopicArn,
    alarm_name: AWSHelperFn,
) -> tuple[cloudwatch.Alarm, cloudwatch.Alarm]:
    """Return the alarms over what the load balancer sees of a service: its errors, and tasks
    that fail the health check.

    The first has a name, which ECS can know before there is a service that the alarm is over.
    """
    dimensions = {
        "LoadBalancer": balancer,
        "TargetGroup": GetAtt(group, "TargetGroupFullName"),
    }
    failing = Watch(
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        statistic="Sum",
        threshold=spec.errors_per_minute,
        datapoints=3,
        minutes=5,
    )
    unhealthy = Watch(
        namespace="AWS/ApplicationELB",
        metric="UnHealthyHostCount",
        statistic="Maximum",
        threshold=0,
        datapoints=5,
        minutes=5,
    )
    return (
        alarm(
            "ErrorsAlarm",
            f"{name} gives more than {spec.errors_per_minute} answers of 500 to 599 a minute",
            failing,
            dimensions,
            topic,
            AlarmName=alarm_name,
        ),
        alarm(
            "UnhealthyAlarm",
            f"Tasks of {name} fail the load balancer's health check",
            unhealthy,
            dimensions,
            topic,
        ),
    )


def going_back(errors: cloudwatch.Alarm) -> ecs.DeploymentAlarms:
    """Return what makes ECS go back from a deployment during which ``errors`` begins to ring.

    ECS watches no other alarm: after each deployment it waits as long as the slowest of them takes
    to ring (Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment
    failures").
    """
    return ecs.DeploymentAlarms(AlarmNames=[errors.AlarmName], Enable=True, Rollback=True)
