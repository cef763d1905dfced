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

TEXTS: Mapping[str, tuple[str, ...]] = {
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions/*/Environment/*/Name",
        "ContainerDefinitions/*/Environment/*/Value",
        "ContainerDefinitions/*/HealthCheck/Command/*",
        "ContainerDefinitions/*/Secrets/*/Name",
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (
        "Conditions/*/HostHeaderConfig/Values/*",
        "Conditions/*/PathPatternConfig/Values/*",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("HealthCheckPath",),
    "AWS::SecretsManager::Secret": ("Description",),
}
"""Properties that are a text."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions/*/Secrets/*/ValueFrom/Fn::Sub",)
}
"""Texts with the name of a secret's key between colons after its ARN."""

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

ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions/*/Environment",
        "ContainerDefinitions/*/Secrets",
    ),
}
"""Lists of which each element is compared by itself, and with the others only if they are equal."""

_PLAIN = re.compile(r"(?!.*(?:arn:|AWS::))[^${}\\\0]+")
"""A text that no function and no rule about all texts has a say in."""
_KEY = re.compile(r"(?<=\}):[^:${}]+:(?=:$)")

READ_BY_OTHERS: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::SecurityGroup": ("VpcId",),
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions/*/LogConfiguration/LogDriver",
        "ContainerDefinitions/*/PortMappings/*/HostPort",
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
    places: dict[str | int, str] = {}
    numbers: set[int] = set()
    sizes: dict[str, int] = {}

    def text(one: Any) -> Any:
        if not isinstance(one, str) or not _PLAIN.fullmatch(one):
            return one
        place = places.setdefault(one, f"* {len(places)}")
        sizes[place] = len(one)
        return f"\0{place}\0"

    def key(one: Any) -> Any:
        return _KEY.sub(lambda match: f":{text(match[0][1:-1])}:", one) if one else one

    def number(one: Any) -> Any:
        if type(one) is not int or len(numbers) > 1:
            return one
        sizes["# 0"] = one
        return "\0# 0\0"

    for path in NUMBERS.get(kind, ()):
        numbers.update(one for one in _at(value, _steps(path)) if type(one) is int)
    for path, change in (
        *((path, text) for path in TEXTS.get(kind, ())),
        *((path, key) for path in KEYS.get(kind, ())),
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
    for path in ELEMENTS[kind]:
        steps = _steps(path)

        def emptied(elements: Any, steps: tuple[str, ...] = steps) -> Any:
            if not isinstance(elements, list):
                return elements
            each.extend({**rest, **_nested(steps, [one])} for one in elements)
            names = [one.get("Name") if isinstance(one, dict) else one for one in elements]
            return [_has_twins(elements) or _has_twins(names)]

        bare = _changed(bare, steps, emptied)
    return bare, each


def seen_by_others(resource: Node) -> Node:
    """Return what rules about other resources look at in one that these refer to."""
    paths = READ_BY_OTHERS.get(str(resource.get("Type")), ())
    read = {path: list(_at(resource, _steps(path))) for path in paths}
    return {"Type": resource.get("Type"), "Condition": resource.get("Condition"), **read}


@cache
def _steps(path: str) -> tuple[str, ...]:
    return ("Properties", *path.split("/"))


def _changed(value: Any, steps: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    """Return ``value`` with what is there changed; the rest of it is the same."""
    if not steps:
        return change(value)
    step, rest = steps[0], steps[1:]
    if step == "*" and isinstance(value, list):
        return [_changed(one, rest, change) for one in value]
    if isinstance(value, dict) and step in value:
        return {**value, step: _changed(value[step], rest, change)}
    return value


def _at(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield value
    elif steps[0] == "*" and isinstance(value, list):
        for one in value:
            yield from _at(one, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _nested(steps: tuple[str, ...], value: Any) -> Any:
    for step in reversed(steps):
        value = [value] if step == "*" else {step: value}
    return value


def _has_twins(values: list[Any]) -> bool:
    return len({compact(one) for one in values}) < len(values)
