"""Values of which any is as good as another, because no rule of cfn-lint looks at more of them than
their length or size: services are rarely alike in these.

Which ones they are is tested against the schemas of cfn-lint.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from checks.linting.compact import compact
from checks.rendering import Node

Steps = tuple[str, ...]

_PLAIN = re.compile(r"\A(?!(?s:.*)(?:arn:|AWS::))[^${}\\\0]+\Z")
"""A text that no function and no rule about all texts has a say in."""
_KEY = re.compile(r"(?<=\}:)[^:${}]+(?=::\Z)")
"""The name of a secret's key, after the secret's ARN."""
_SID = re.compile(r"\A[A-Za-z0-9]+\Z")
_RESOURCE = re.compile(
    r"(?<=[:/])[A-Za-z0-9_.-]*[A-Za-z0-9](?=(?:-\$\{EnvironmentSuffix\})?(?:/\*)?\Z)"
)
"""The name that ends an ARN."""
_HOST_PORT = "ContainerDefinitions/*/PortMappings/*/HostPort"
_STATEMENT = "Policies/*/PolicyDocument/Statement"

TEXTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "AWS::ECS::TaskDefinition": {
        "ContainerDefinitions/*/Environment/*/Name": _PLAIN,
        "ContainerDefinitions/*/Environment/*/Value": _PLAIN,
        "ContainerDefinitions/*/HealthCheck/Command/*": _PLAIN,
        "ContainerDefinitions/*/Secrets/*/Name": _PLAIN,
        "ContainerDefinitions/*/Secrets/*/ValueFrom/Fn::Sub": _KEY,
    },
    "AWS::ElasticLoadBalancingV2::ListenerRule": {
        "Conditions/*/HostHeaderConfig/Values/*": _PLAIN,
        "Conditions/*/PathPatternConfig/Values/*": _PLAIN,
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"HealthCheckPath": _PLAIN},
    "AWS::IAM::Role": {
        f"{_STATEMENT}/*/Resource/*/Fn::Sub": _RESOURCE,
        f"{_STATEMENT}/*/Sid": _SID,
    },
    "AWS::SecretsManager::Secret": {"Description": _PLAIN},
}
"""Properties that are a text, and what may be anything in it."""

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("MaxCapacity",),
    "AWS::EC2::SecurityGroupEgress": ("FromPort", "ToPort"),
    "AWS::EC2::SecurityGroupIngress": ("FromPort", "ToPort"),
    "AWS::ECS::Service": ("LoadBalancers/*/ContainerPort",),
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions/*/PortMappings/*/ContainerPort",
        "ContainerDefinitions/*/PortMappings/*/HostPort",
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("Priority",),
}
"""Properties that are a number between a smallest and a largest one."""

ELEMENTS: Mapping[str, Mapping[str, str]] = {
    "AWS::ECS::TaskDefinition": {
        "ContainerDefinitions/*/Environment": "Name",
        "ContainerDefinitions/*/Secrets": "Name",
    },
    "AWS::IAM::Role": {_STATEMENT: "Sid"},
}
"""Lists of which each element is compared by itself; with the others only for having the same name,
as those have that are equal. What it is called.
"""

READ_BY_OTHERS: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::SecurityGroup": ("VpcId",),
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions/*/LogConfiguration/LogDriver",
        _HOST_PORT,
        "NetworkMode",
        "RequiresCompatibilities",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("HealthCheckPort", "Protocol"),
}
"""What rules about a resource look at in one that it refers to, besides its type and condition."""


def freed(value: Any) -> tuple[Any, dict[str, int]]:
    """Return a part with a placeholder for each of these values, and how long or large each is.

    Equal ones have the same placeholder. Numbers stay where there are several, as one may have to
    be the smaller.
    """
    kind = value.get("Type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not (kind in TEXTS or kind in NUMBERS):
        return value, {}
    places: dict[str, str] = {}
    numbers: set[int] = set()
    sizes: dict[str, int] = {}

    def placed(match: re.Match[str]) -> str:
        place = places.setdefault(match[0], f"* {len(places)}")
        sizes[place] = len(match[0])
        return f"\0{place}\0"

    def text(pattern: re.Pattern[str]) -> Callable[[Any], Any]:
        return lambda one: pattern.sub(placed, one) if isinstance(one, str) else one

    def number(one: Any) -> Any:
        if type(one) is not int or len(numbers) > 1:
            return one
        sizes["# 0"] = one
        return "\0# 0\0"

    for path in NUMBERS.get(kind, ()):
        numbers.update(one for one in _at(value, _steps(path)) if type(one) is int)
    for path, change in (
        *((path, text(pattern)) for path, pattern in TEXTS.get(kind, {}).items()),
        *((path, number) for path in NUMBERS.get(kind, ())),
    ):
        value = _changed(value, _steps(path), change)
    return value, sizes


def apart(resource: Any) -> tuple[Any, list[Any]]:
    """Return a resource without the elements of such lists, and with each of them alone.

    Whether two of a list are equal is still to be seen.
    """
    kind = resource.get("Type") if isinstance(resource, dict) else None
    each: list[Any] = []
    if not isinstance(kind, str) or kind not in ELEMENTS:
        return resource, each
    bare = resource
    rest = {name: one for name, one in resource.items() if name != "Properties"}
    for path, called in ELEMENTS[kind].items():
        steps = _steps(path)

        def emptied(elements: Any, steps: Steps = steps, called: str = called) -> Any:
            if not isinstance(elements, list) or not all(
                isinstance(one, dict) and called in one for one in elements
            ):
                return elements
            each.extend({**rest, **_nested(steps, [one])} for one in elements)
            return [_has_twins([one[called] for one in elements])]

        bare = _changed(bare, steps, emptied)
    return bare, each


def seen_by_others(resource: Node) -> Node:
    """Return what rules about other resources look at in one that these refer to."""
    paths = READ_BY_OTHERS.get(str(resource.get("Type")), ())
    read = {path: list(_at(resource, _steps(path))) for path in paths}
    if "0" in map(str, read.get(_HOST_PORT, ())):
        return resource  # E3049 then compares names and ports
    return {"Type": resource.get("Type"), "Condition": resource.get("Condition"), **read}


@cache
def _steps(path: str) -> Steps:
    return ("Properties", *path.split("/"))


def _changed(value: Any, steps: Steps, change: Callable[[Any], Any]) -> Any:
    """Return ``value`` with what is there changed; the rest of it is the same."""
    if not steps:
        return change(value)
    step, rest = steps[0], steps[1:]
    if step == "*" and isinstance(value, list):
        return [_changed(one, rest, change) for one in value]
    if isinstance(value, dict) and step in value:
        return {**value, step: _changed(value[step], rest, change)}
    return value


def _at(value: Any, steps: Steps) -> Iterator[Any]:
    if not steps:
        yield value
    elif steps[0] == "*" and isinstance(value, list):
        for one in value:
            yield from _at(one, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _nested(steps: Steps, value: Any) -> Any:
    for step in reversed(steps):
        value = [value] if step == "*" else {step: value}
    return value


def _has_twins(values: list[Any]) -> bool:
    return len({compact(one) for one in values}) < len(values)
