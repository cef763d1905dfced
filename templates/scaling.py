"""Scaling: how many tasks a service has."""

from typing import Any

from troposphere import AWSHelperFn, Ref, ecs
from troposphere import applicationautoscaling as autoscaling

from description.model import Scaling
from templates.edges import StackTemplate
from templates.kinds import ClusterName
from templates.text import sub


def add(
    scaling: Scaling,
    t: StackTemplate,
    cluster_name: ClusterName,
    service: ecs.Service,
    resource_label: AWSHelperFn | None,
) -> None:
    """Add the scalable target of a service and a policy for each metric that it follows.

    The service is referred to by its name, which we give it, and not by its ``Name`` attribute:
    a change set would show the target as a possible replacement at each change of the service.
    """
    target = t.add_resource(
        autoscaling.ScalableTarget(
            "ScalableTarget",
            DependsOn=service.title,
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=sub("service/", cluster_name, "/", service.ServiceName),
            MinCapacity=scaling.min,
            MaxCapacity=scaling.max,
        )
    )
    if scaling.cpu is not None:
        t.add_resource(
            policy(
                "CpuScalingPolicy",
                scaling,
                target,
                scaling.cpu,
                _metric("ECSServiceAverageCPUUtilization"),
            )
        )
    if scaling.memory is not None:
        t.add_resource(
            policy(
                "MemoryScalingPolicy",
                scaling,
                target,
                scaling.memory,
                _metric("ECSServiceAverageMemoryUtilization"),
                scale_in=scaling.memory_scale_in,
            )
        )
    if scaling.requests_per_target is not None and resource_label is not None:
        t.add_resource(
            policy(
                "RequestScalingPolicy",
                scaling,
                target,
                scaling.requests_per_target,
                _metric("ALBRequestCountPerTarget", ResourceLabel=resource_label),
            )
        )


def policy(
    title: str,
    scaling: Scaling,
    target: autoscaling.ScalableTarget,
    value: int,
    metric: autoscaling.PredefinedMetricSpecification,
    *,
    scale_in: bool = True,
) -> autoscaling.ScalingPolicy:
    """Return the policy that keeps ``metric`` at ``value``.

    A service grows if any of its policies wants it, and shrinks if all those that may agree.
    """
    return autoscaling.ScalingPolicy(
        title,
        PolicyName=title,
        PolicyType="TargetTrackingScaling",
        ScalingTargetId=Ref(target),
        TargetTrackingScalingPolicyConfiguration=(
            autoscaling.TargetTrackingScalingPolicyConfiguration(
                TargetValue=value,
                PredefinedMetricSpecification=metric,
                ScaleOutCooldown=scaling.scale_out_cooldown,
                ScaleInCooldown=scaling.scale_in_cooldown,
                DisableScaleIn=not scale_in,
            )
        ),
    )


def _metric(name: str, **label: Any) -> autoscaling.PredefinedMetricSpecification:
    return autoscaling.PredefinedMetricSpecification(PredefinedMetricType=name, **label)
