"""A system's resources as one mapping, as they are deployed to one environment.

What only AWS will know is told by its address: ``Vpc``, ``LoadBalancer.DNSName``.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from checks.parameters import SUFFIX
from checks.rendering import Node, Rendering
from checks.resolved import Place, Reference, System, references, resolve, samples
from description.model import System as Description
from tests.systems_under_test import rendered

PLACE = Place(
    account="444455556666", region="eu-west-3", partition="aws-x", url_suffix="aws.example"
)
"""An account, region and partition that no template can have by itself, as little as ``blue``."""

PLACEHOLDERS = {
    "${AWS::AccountId}": PLACE.account,
    "${AWS::Partition}": PLACE.partition,
    "${AWS::Region}": PLACE.region,
    "${EnvironmentSuffix}": "blue",
}
"""What the texts of descriptions leave open."""

Resources = Mapping[str, Node]
"""Address to resource: its Type, Properties, DependsOn and other attributes."""


def deployed(name: str | Description) -> Resources:
    """Return all resources of a system, but not the nested stacks themselves."""
    return as_deployed(rendered(name))


@lru_cache(maxsize=64)
def as_deployed(rendering: Rendering, **parameters: str) -> Resources:
    """Return all resources of a rendering, but not the nested stacks themselves; with the given
    ``parameters`` of the parent, and every image known.
    """
    system = _system(rendering, **parameters)
    return {
        address: {
            **one.attributes,
            "Type": one.type,
            "Properties": _plain(system, one.properties),
            "DependsOn": list(one.depends_on),
        }
        for address, one in system.resources.items()
    }


def outputs(rendering: Rendering) -> Node:
    """Return the parent's outputs by name."""
    system = _system(rendering)
    return dict(_plain(system, system.outputs))


def filled_in(text: str) -> str:
    """Return a text of a description as it is deployed."""
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return text


def of_type(resources: Resources, kind: str) -> dict[str, Node]:
    """Return the properties of the resources of one type, by address."""
    return {
        address: resource["Properties"]
        for address, resource in resources.items()
        if resource["Type"] == kind
    }


def the(resources: Resources, kind: str) -> Node:
    """Return the properties of the only resource of one type."""
    (properties,) = of_type(resources, kind).values()
    return properties


def _system(rendering: Rendering, **parameters: str) -> System:
    given = {**samples(rendering), SUFFIX: "blue", **parameters}
    return resolve(rendering, given, names=False, place=PLACE)


def _plain(system: System, value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(system, item) for key, item in value.items()}
        case list():
            return [_plain(system, item) for item in value]
        case str() | Reference():
            text = str(value)
            for one in references(text):
                if one.address in system.resources:
                    text = text.replace(str(one), str(one)[2:-1])
            return text
    return value
