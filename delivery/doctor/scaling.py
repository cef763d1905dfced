"""Auto-scaling not working: targets, policies, their alarms, and the metrics that they follow."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from delivery.doctor.deployed import Deployed, Service
from delivery.doctor.findings import Finding, ok, unknown, wrong

METRICS = ("CPUUtilization", "MemoryUtilization")
_WINDOW = timedelta(minutes=15)
_AT_ONCE = 500
"""Metrics in one call (CloudWatch API, GetMetricData)."""
_ALARMS_AT_ONCE = 100
_DIMENSION = "ecs:service:DesiredCount"
_DAY = timedelta(days=1)
_FAILED = {"Failed", "Unfulfilled"}
_ENDED = {"Successful", "Overridden", *_FAILED}
"""Statuses of attempts to scale that are over."""


def check(it: Deployed) -> Iterator[Finding]:
    """Look at every service that shall scale."""
    scaled = [s for s in it.services if s.of("AWS::ApplicationAutoScaling::ScalableTarget")]
    if not scaled:
        yield ok("services", "none of those that run is meant to scale")
        return
    targets, policies = _targets(it, scaled), _policies(it)
    for service in scaled:
        yield from _target(it, service, targets.get(service.resource_id))
        yield from _attached(it, service, policies)
        yield _activity(it, service)
    yield from _alarms(it, scaled, policies)
    yield from _metrics(it, scaled)


def _targets(it: Deployed, scaled: list[Service]) -> dict[str, dict[str, Any]]:
    pages = it.aws.client("application-autoscaling").get_paginator("describe_scalable_targets")
    ids = [one.resource_id for one in scaled]
    return {
        one["ResourceId"]: one
        for start in range(0, len(ids), 50)
        for page in pages.paginate(
            ServiceNamespace="ecs",
            ResourceIds=ids[start : start + 50],
            ScalableDimension=_DIMENSION,
        )
        for one in page["ScalableTargets"]
    }


def _policies(it: Deployed) -> dict[str, dict[str, Any]]:
    pages = it.aws.client("application-autoscaling").get_paginator("describe_scaling_policies")
    return {
        one["PolicyARN"]: one
        for page in pages.paginate(ServiceNamespace="ecs")
        for one in page["ScalingPolicies"]
    }


def _target(it: Deployed, service: Service, target: dict[str, Any] | None) -> Iterator[Finding]:
    checked = f"{service.name}: scalable target"
    which = (
        f"--service-namespace ecs --resource-id {service.resource_id} "
        f"--scalable-dimension {_DIMENSION}"
    )
    command = f"aws application-autoscaling register-scalable-target {which}"
    if target is None:
        yield wrong(
            checked,
            "is not registered",
            f"{command} --min-capacity MIN --max-capacity MAX {it.aws.cli_options}",
        )
        return
    suspended = sorted(name for name, is_so in target.get("SuspendedState", {}).items() if is_so)
    if suspended:
        resumed = ",".join(f"{name}=false" for name in suspended)
        yield wrong(
            checked,
            f"is suspended: {', '.join(suspended)}",
            f"{command} --suspended-state {resumed} {it.aws.cli_options}",
        )
        return
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if service.wanted >= most:
        yield wrong(
            checked,
            f"is at its maximum: {service.wanted} of {least} to {most} tasks",
            "If that is not enough, raise scaling.max in the description, then: ./deploy.sh "
            f"deploy {it.words}",
        )
        return
    yield ok(checked, f"{service.wanted} of {least} to {most} tasks")


def _attached(
    it: Deployed, service: Service, policies: dict[str, dict[str, Any]]
) -> Iterator[Finding]:
    for member in service.of("AWS::ApplicationAutoScaling::ScalingPolicy"):
        checked = f"{service.name}: {member.logical_id}"
        policy = policies.get(member.physical_id)
        if policy is None:
            yield wrong(
                checked,
                "is not attached any more",
                "TargetTrackingScalingPolicyConfiguration of the template says what it was: aws "
                f"cloudformation get-template --stack-name {member.stack_id.split('/')[1]} "
                f"{it.aws.cli_options}. Put it back with: aws application-autoscaling "
                f"put-scaling-policy --policy-name {member.logical_id} --service-namespace ecs "
                f"--resource-id {service.resource_id} --scalable-dimension {_DIMENSION} "
                "--policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration"
                f" file://policy.json {it.aws.cli_options}",
            )
            continue
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        yield ok(
            checked,
            f"target {tracking.get('TargetValue', 0):g}, cooldown out "
            f"{tracking.get('ScaleOutCooldown', 0)} s, in {tracking.get('ScaleInCooldown', 0)} s",
        )


def _activity(it: Deployed, service: Service) -> Finding:
    """Look how the last attempt to scale of the last day has ended: a call for each service.

    Source: Application Auto Scaling API Reference, DescribeScalingActivities (the newest first) and
    ScalingActivity.
    """
    checked = f"{service.name}: last scaling"
    which = f"--service-namespace ecs --resource-id {service.resource_id}"
    api = it.aws.client("application-autoscaling")
    recent = [
        one
        for one in api.describe_scaling_activities(
            ServiceNamespace="ecs",
            ResourceId=service.resource_id,
            ScalableDimension=_DIMENSION,
            MaxResults=50,
        )["ScalingActivities"]
        if one["StatusCode"] in _ENDED and datetime.now(UTC) - one["StartTime"] < _DAY
    ]
    if not recent:
        return ok(checked, "none in the last day")
    last = recent[0]
    at = f"{last['StartTime'].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if last["StatusCode"] in _FAILED:
        said = last.get("StatusMessage") or "AWS gives no reason"
        return wrong(
            checked,
            f"failed at {at}: {said.rstrip('.')}",
            "See what was tried and why: aws application-autoscaling describe-scaling-activities "
            f"{which} --scalable-dimension {_DIMENSION} {it.aws.cli_options}",
        )
    return ok(checked, f"ended at {at}: {last['Description'].rstrip('.')}")


def _alarms(
    it: Deployed, scaled: list[Service], policies: dict[str, dict[str, Any]]
) -> Iterator[Finding]:
    """Look at the alarms with which target tracking works: AWS makes them, people change them."""
    ours = {one.resource_id for one in scaled}
    names = sorted(
        alarm["AlarmName"]
        for policy in policies.values()
        if policy["ResourceId"] in ours
        for alarm in policy.get("Alarms", ())
    )
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), _ALARMS_AT_ONCE):
        pages = it.aws.client("cloudwatch").get_paginator("describe_alarms")
        for page in pages.paginate(AlarmNames=names[start : start + _ALARMS_AT_ONCE]):
            found |= {one["AlarmName"]: one for one in page["MetricAlarms"]}
    for name in names:
        if name not in found:
            yield wrong(
                f"alarm {name}",
                "is gone, and its policy acts no more",
                f"Bring it back by deploying again with another scaling target: ./deploy.sh deploy "
                f"{it.words}",
            )
        elif not found[name]["ActionsEnabled"]:
            yield wrong(
                f"alarm {name}",
                "does nothing: its actions are disabled",
                f"aws cloudwatch enable-alarm-actions --alarm-names {name} {it.aws.cli_options}",
            )


def _metrics(it: Deployed, scaled: list[Service]) -> Iterator[Finding]:
    """Look whether ECS publishes what policies follow: two metrics a minute for each service."""
    now = datetime.now(UTC)
    wanted = [(service, metric) for service in scaled if service.running for metric in METRICS]
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        queries = [_query(f"m{n}", *one) for n, one in enumerate(some)]
        pages = it.aws.client("cloudwatch").get_paginator("get_metric_data")
        published = {
            one["Id"]
            for page in pages.paginate(
                StartTime=now - _WINDOW, EndTime=now, MetricDataQueries=queries
            )
            for one in page["MetricDataResults"]
            if one["Values"]
        }
        for query, (service, metric) in zip(queries, some, strict=True):
            yield _metric(it, service, metric, is_there=query["Id"] in published)


def _metric(it: Deployed, service: Service, metric: str, *, is_there: bool) -> Finding:
    checked = f"{service.name}: {metric}"
    if is_there:
        return ok(checked, "was published in the last 15 minutes")
    if datetime.now(UTC) - service.deployment["createdAt"] < _WINDOW:
        return unknown(checked, "was not published yet: the deployment is not 15 minutes old")
    return wrong(
        checked,
        "was not published in the last 15 minutes",
        "See what there is: aws cloudwatch list-metrics --namespace AWS/ECS --dimensions "
        f"Name=ServiceName,Value={service.name} {it.aws.cli_options}",
    )


def _query(name: str, service: Service, metric: str) -> dict[str, Any]:
    dimensions = {"ClusterName": service.cluster, "ServiceName": service.name}
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/ECS",
                "MetricName": metric,
                "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Average",
        },
    }
