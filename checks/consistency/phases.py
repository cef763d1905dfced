"""A system without all of its images: what is there then, and what refers to what is not."""

from collections.abc import Iterator, Mapping
from typing import Final

from checks.consistency.nest import (
    SCALABLE_TARGET,
    SCALING_POLICY,
    SERVICE,
    TASK,
    each,
)
from checks.findings import Finding
from checks.rendering import Rendering
from checks.resolved import ResolutionError, Resource, System, resolve
from description import digests
from description.model import System as Description
from description.names import stack_of

ID = "E9705"
REASON = (
    "Require that while images are missing just their services are: the first deployment has none, "
    "a service that was added waits for its own."
)
_SOME = f"sha256:{'0' * 64}"


def check(
    rendering: Rendering, described: Description, parameters: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what is wrong while no image is known, and while only one is."""
    names = list(described.services)
    given = {one: value for one, value in parameters.items() if not digests.pins_images(one)}
    for known in ([], names[:1], names[-1:]):
        pinned = digests.as_values(dict.fromkeys(known, _SOME), names)
        try:
            system = resolve(rendering, {**given, **pinned}, images=False)
        except ResolutionError as error:
            yield error.finding(ID)
            return
        yield from _differences(system, {stack_of(name): name for name in known})


def _differences(system: System, known: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong while the images of the services ``known``, by stack, are."""
    waiting = [one for kind in _WAITING for one in system.of_type(kind)]
    waiting += [one for one in system.of_type("AWS::CloudWatch::Alarm") if _is_over_a_service(one)]
    for one in waiting:
        if one.stack not in known:
            yield one.finding(ID, f"is there while the image of {one.stack} is not known")
    there = {one.stack for one in system.of_type(SERVICE)}
    for stack in known.keys() - there:
        message = f"has no ECS service for {known[stack]}, whose image is known"
        yield Finding(system.stacks[""].file, "", ID, message)


def _is_over_a_service(alarm: Resource) -> bool:
    dimensions = each(alarm.properties, "Dimensions")
    return any(one.get("Name") == "ServiceName" for one in dimensions)


_WAITING: Final = (
    SCALABLE_TARGET,
    SCALING_POLICY,
    SERVICE,
    TASK,
    "AWS::ElasticLoadBalancingV2::ListenerRule",
)
"""Types that are of no use, or refused, without the image of their service."""
