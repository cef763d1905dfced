"""AWS::ApplicationAutoScaling: scalable targets and their policies."""

from typing import Any

from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import parameters_of

_SERVICE = "application-autoscaling"
_KEY = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def _create_target(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    call(_SERVICE, "RegisterScalableTarget", **_target_request(properties))
    physical_id = "|".join(str(properties[name]) for name in _KEY)
    return physical_id, {"Id": physical_id}


def _target_request(properties: Properties) -> dict[str, Any]:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    request = parameters_of(
        _SERVICE, "RegisterScalableTarget", {k: v for k, v in properties.items() if k != "Tags"}
    )
    return {**request, "Tags": tags} if tags else request


def _update_target(
    _physical_id: str, _old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    return _create_target(logical_id, new, stack)


def _delete_target(_physical_id: str, properties: Properties) -> None:
    _unless_gone("DeregisterScalableTarget", {name: properties[name] for name in _KEY})


def _create_policy(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    request = {**properties, **_target_of(properties)}
    request.pop("ScalingTargetId", None)
    arn = call(_SERVICE, "PutScalingPolicy", **parameters_of(_SERVICE, "PutScalingPolicy", request))
    return arn["PolicyARN"], {"Arn": arn["PolicyARN"], "PolicyName": properties["PolicyName"]}


def _update_policy(
    _physical_id: str, _old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    return _create_policy(logical_id, new, stack)


def _delete_policy(_physical_id: str, properties: Properties) -> None:
    name = {"PolicyName": properties["PolicyName"]}
    _unless_gone("DeleteScalingPolicy", {**name, **_target_of(properties)})


def _target_of(properties: Properties) -> dict[str, str]:
    """Return the three parts of a policy's target, which it names by them or by its id."""
    target_id = properties.get("ScalingTargetId")
    if target_id:
        return dict(zip(_KEY, target_id.split("|"), strict=True))
    return {name: properties[name] for name in _KEY}


def _unless_gone(operation: str, request: dict[str, Any]) -> None:
    try:
        call(_SERVICE, operation, **request)
    except CallError as error:
        if error.code != "ObjectNotFoundException":
            raise


TYPES = [
    ResourceType(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        """
        MaxCapacity MinCapacity ResourceId RoleARN ScalableDimension ServiceNamespace
        SuspendedState.DynamicScalingInSuspended SuspendedState.DynamicScalingOutSuspended
        SuspendedState.ScheduledScalingSuspended
        """,
        _create_target,
        _update_target,
        _delete_target,
    ),
    ResourceType(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        """
        PolicyName PolicyType ResourceId ScalableDimension ScalingTargetId ServiceNamespace
        StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration
        """,
        _create_policy,
        _update_policy,
        _delete_policy,
        tags="",
    ),
]
