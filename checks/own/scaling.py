"""Rules over Application Auto Scaling."""

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import is_given, numbers, resources, texts


@rule("E9131")
def min_above_max(template: Node) -> Hits:
    """Refuse a smallest number of tasks above the largest."""
    for path, target in resources(template, "AWS::ApplicationAutoScaling::ScalableTarget"):
        least = min(numbers(target.get("MinCapacity")), default=None)
        most = max(numbers(target.get("MaxCapacity")), default=None)
        if least is not None and most is not None and least > most:
            yield (*path, "MinCapacity"), f"{least:g} is above MaxCapacity {most:g}"


@rule("E9132")
def request_count_without_label(template: Node) -> Hits:
    """Require a label with request counts: it alone names the target group that they are for."""
    for path, policy in resources(template, "AWS::ApplicationAutoScaling::ScalingPolicy"):
        steps: Path = ("TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification")
        metric = policy
        for step in steps:
            inner = metric.get(str(step))
            metric = inner if isinstance(inner, dict) else {}
        kinds = set(texts(metric.get("PredefinedMetricType")))
        if "ALBRequestCountPerTarget" in kinds and not is_given(metric.get("ResourceLabel")):
            yield (
                (*path, *steps, "ResourceLabel"),
                "is missing: app/…/targetgroup/… names the group",
            )
