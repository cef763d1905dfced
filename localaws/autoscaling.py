"""Application Auto Scaling, the one service that ministack lacks: targets and policies.

Nothing scales by itself here. As on AWS, a scalable target raises a service's count to its
minimum and lowers it to its maximum when it is registered.
"""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Record, Response

SERVICE = "application-autoscaling"
_TARGET_PREFIX = "AnyScaleFrontendService"
_CONTENT_TYPE = {"Content-Type": "application/x-amz-json-1.1"}
_KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")

Key = tuple[str, ...]

_targets: dict[Key, Record] = {}
_policies: dict[Key, Record] = {}


class _RefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install() -> None:
    """Let the server route requests of this service here."""
    emulator.service_handlers[SERVICE] = handle_request
    emulator.service_patterns[SERVICE] = {"target_prefixes": [_TARGET_PREFIX]}


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Response:
    """Answer one request, as ministack's services do."""
    del method, path, query
    operation = headers.get("x-amz-target", "").split(".")[-1]
    action = _ACTIONS.get(operation)
    try:
        if action is None:
            raise _RefusedError("UnknownOperationException", operation)
        return _json(200, action(json.loads(body or b"{}")))
    except _RefusedError as refused:
        return _json(400, {"__type": refused.code, "message": str(refused)})


def _json(status: int, content: dict[str, Any]) -> Response:
    return status, dict(_CONTENT_TYPE), json.dumps(content).encode()


def _tenant() -> tuple[str, str]:
    return emulator.account_id(), emulator.region()


def _key(request: Record) -> Key:
    return (*_tenant(), *(str(request.get(name, "")) for name in _KEY))


def _arn(rest: str, service: str = "application-autoscaling") -> str:
    account, region = _tenant()
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def _register_scalable_target(request: Record) -> Record:
    key = _key(request)
    known = _targets.get(key, {})
    merged = {**known, **{k: v for k, v in request.items() if k != "Tags"}}
    for name in ("MinCapacity", "MaxCapacity"):
        if name not in merged:
            raise _RefusedError("ValidationException", f"{name} is required for a new target")
    if merged["MinCapacity"] > merged["MaxCapacity"]:
        raise _RefusedError(
            "ValidationException", "Maximum capacity cannot be less than minimum capacity"
        )
    if request["ServiceNamespace"] == "ecs":
        _fit_service_count(request["ResourceId"], merged["MinCapacity"], merged["MaxCapacity"])
    merged.setdefault("ScalableTargetARN", _arn(f"scalable-target/{uuid.uuid4().hex[:20]}"))
    merged.setdefault("RoleARN", _service_role())
    merged.setdefault("CreationTime", time.time())
    merged.setdefault("SuspendedState", _NOT_SUSPENDED)
    _targets[key] = merged
    if "Tags" in request:
        _tags[merged["ScalableTargetARN"]] = dict(request["Tags"])
    return {"ScalableTargetARN": merged["ScalableTargetARN"]}


_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
_tags: dict[str, dict[str, str]] = {}


def _service_role() -> str:
    name = "AWSServiceRoleForApplicationAutoScaling_ECSService"
    return (
        f"arn:aws:iam::{emulator.account_id()}:role/aws-service-role/"
        f"ecs.application-autoscaling.amazonaws.com/{name}"
    )


def _fit_service_count(resource_id: str, minimum: int, maximum: int) -> None:
    """Bring the service's count between the limits; refuse a service that does not exist."""
    _, _, path = resource_id.partition("service/")
    cluster, _, name = path.partition("/")
    count = _running_count(cluster, name)
    if count is None:
        raise _RefusedError("ValidationException", f"ECS service doesn't exist: {resource_id}")
    wanted = min(max(count, minimum), maximum)
    if wanted != count:
        call("ecs", "UpdateService", cluster=cluster, service=name, desiredCount=wanted)


def _running_count(cluster: str, name: str) -> int | None:
    """Return how many tasks an active service wants, None if there is no such service."""
    try:
        found = call("ecs", "DescribeServices", cluster=cluster, services=[name])["services"]
    except CallError:
        return None
    counts = [int(s["desiredCount"]) for s in found if s["status"] == "ACTIVE"]
    return counts[0] if counts else None


def _deregister_scalable_target(request: Record) -> Record:
    key = _key(request)
    _registered(request)
    target = _targets.pop(key)
    _tags.pop(target["ScalableTargetARN"], None)
    for policy in [policy for policy in _policies if policy[: len(key)] == key]:
        del _policies[policy]
    return {}


def _registered(request: Record) -> Record:
    target = _targets.get(_key(request))
    if target is None:
        named = ", ".join(f"{name}: {request.get(name)}" for name in _KEY)
        raise _RefusedError("ObjectNotFoundException", f"No scalable target registered for {named}")
    return target


def _put_scaling_policy(request: Record) -> Record:
    _registered(request)
    key = (*_key(request), request["PolicyName"])
    known = _policies.get(key)
    arn = known["PolicyARN"] if known else _policy_arn(request)
    created = known["CreationTime"] if known else time.time()
    _policies[key] = {**request, "PolicyARN": arn, "CreationTime": created, "Alarms": []}
    return {"PolicyARN": arn, "Alarms": []}


def _policy_arn(request: Record) -> str:
    return _arn(
        f"scalingPolicy:{uuid.uuid4()}:resource/{request['ServiceNamespace']}/"
        f"{request['ResourceId']}:policyName/{request['PolicyName']}",
        service="autoscaling",
    )


def _delete_scaling_policy(request: Record) -> Record:
    if _policies.pop((*_key(request), request["PolicyName"]), None) is None:
        raise _RefusedError(
            "ObjectNotFoundException", f"No scaling policy found: {request['PolicyName']}"
        )
    return {}


def _describe_scalable_targets(request: Record) -> Record:
    return {"ScalableTargets": _mine(_targets, request, request.get("ResourceIds"))}


def _describe_scaling_policies(request: Record) -> Record:
    resources = [request["ResourceId"]] if "ResourceId" in request else None
    found = _mine(_policies, request, resources)
    names = request.get("PolicyNames")
    return {"ScalingPolicies": [p for p in found if not names or p["PolicyName"] in names]}


def _describe_scaling_activities(request: Record) -> Record:
    del request  # nothing scales by itself here
    return {"ScalingActivities": []}


def _mine(store: dict[Key, Record], request: Record, resources: list[str] | None) -> list[Record]:
    """Return this account's records of the requested namespace, resources and dimension."""
    wanted = {"ServiceNamespace", "ScalableDimension"} & request.keys()
    return [
        record
        for key, record in store.items()
        if key[:2] == _tenant()
        and all(record[name] == request[name] for name in wanted)
        and (not resources or record["ResourceId"] in resources)
    ]


def _list_tags_for_resource(request: Record) -> Record:
    return {"Tags": _tags.get(request["ResourceARN"], {})}


def _tag_resource(request: Record) -> Record:
    _tags.setdefault(request["ResourceARN"], {}).update(request["Tags"])
    return {}


def _untag_resource(request: Record) -> Record:
    for key in request["TagKeys"]:
        _tags.get(request["ResourceARN"], {}).pop(key, None)
    return {}


_ACTIONS: dict[str, Callable[[Record], Record]] = {
    "DeleteScalingPolicy": _delete_scaling_policy,
    "DeregisterScalableTarget": _deregister_scalable_target,
    "DescribeScalableTargets": _describe_scalable_targets,
    "DescribeScalingActivities": _describe_scaling_activities,
    "DescribeScalingPolicies": _describe_scaling_policies,
    "ListTagsForResource": _list_tags_for_resource,
    "PutScalingPolicy": _put_scaling_policy,
    "RegisterScalableTarget": _register_scalable_target,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
}
