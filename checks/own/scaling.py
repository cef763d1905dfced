"""Rules over Application Auto Scaling."""

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import is_given, may_be_given, named_in, numbers, resources, texts

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


@rule("E9131")
def min_above_max(template: Node) -> Hits:
    """Refuse a smallest number of tasks above the largest."""
    for path, target in resources(template, TARGET):
        least = min(numbers(target.get("MinCapacity")), default=None)
        most = max(numbers(target.get("MaxCapacity")), default=None)
        if least is not None and most is not None and least > most:
            yield (*path, "MinCapacity"), f"{least:g} is above MaxCapacity {most:g}"


@rule("E9132")
def request_count_without_label(template: Node) -> Hits:
    """Require a label with request counts: it alone names the target group that they are for."""
    for path, policy in resources(template, POLICY):
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


@rule("E9133")
def nothing_scales(template: Node) -> Hits:
    """Require a policy for a range of tasks: without one, their number never changes."""
    followed = {name for _, policy in resources(template, POLICY) for name in named_in(policy)}
    followed |= set(named_in(template.get("Outputs")))
    for path, target in resources(template, TARGET):
        least, most = (
            list(numbers(target.get("MinCapacity"))),
            list(numbers(target.get("MaxCapacity"))),
        )
        scheduled = is_given(target.get("ScheduledActions"))
        if least and most and max(most) > min(least) and path[1] not in followed and not scheduled:
            yield (*path, "MaxCapacity"), "is never reached: no scaling policy is for this target"


@rule("E9134")
def another_kind_of_policy(template: Node) -> Hits:
    """Require the settings of a scaling policy's own type: with those of another one, Application
    Auto Scaling refuses it.
    """
    for path, policy in resources(template, POLICY):
        for kind in texts(policy.get("PolicyType")):
            settings = f"{kind}PolicyConfiguration"
            if not may_be_given(policy.get(settings)):
                yield (*path, "PolicyType"), f"is {kind}, but {settings} is missing"


@rule("E9135")
def target_named_twice(template: Node) -> Hits:
    """Refuse a scaling policy that names its target both by id and by what it scales: the two could
    differ.
    """
    for path, policy in resources(template, POLICY):
        if may_be_given(policy.get("ScalingTargetId")):
            for key in ("ResourceId", "ScalableDimension", "ServiceNamespace"):
                if may_be_given(policy.get(key)):
                    yield (*path, key), "remove it: ScalingTargetId says what is scaled"


@rule("E9136")
def another_dimension(template: Node) -> Hits:
    """Require a scalable dimension of the target's own AWS service."""
    for path, target in resources(template, TARGET):
        for namespace in texts(target.get("ServiceNamespace")):
            for dimension in texts(target.get("ScalableDimension")):
                if not dimension.startswith(f"{namespace}:"):
                    message = f"is of another AWS service than {dimension}"
                    yield (*path, "ServiceNamespace"), message
