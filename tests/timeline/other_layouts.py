"""The layouts of stacks that ADR 12 compares, each made of the resources of our templates."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from checks.resolved import System
from timeline.durations import durations
from timeline.reality import flat
from timeline.regroup import regroup
from timeline.schedule import Schedule, simulate
from timeline.steps import Step

Layout = Callable[[Step], str]
"""Of a step of our own layout: the path of its stack in another one."""

_ROLES: Final = "Roles"
_PARTS_OF_ROLES: Final = ("ExecutionRole", "TaskRole", "LogGroup")
_EDGE: Final = ("HttpListener", "HttpsListener", "LoadBalancer", "LoadBalancerSecurityGroup")


def in_layout(system: System, layout: Layout) -> Schedule:
    """Return the creation of ``system`` in a layout, in the typical case.

    Services wait for the ways out, as our templates let them.
    """
    steps = {
        address: replace(step, after=step.after | step.complete_after)
        for address, step in flat(system).items()
    }
    home = {address: layout(step) for address, step in steps.items()}
    return simulate(regroup(steps, home), durations(), "typical")


def _stack(
    step: Step,
    *,
    vpc: str = "",
    edge: str = "",
    network: str = "Network",
    roles: str = _ROLES,
    association: str = "",
    alarms: str = "",
) -> str:
    """Return the stack of a step, given where that differs from our layout."""
    stack, _, name = step.address.rpartition("/")
    if stack == _ROLES:
        service = next(name.removesuffix(end) for end in _PARTS_OF_ROLES if name.endswith(end))
        return roles or f"{service}Service"
    if stack:
        return network if stack == "Network" else stack
    if step.type == "AWS::WAFv2::WebACLAssociation":
        return association
    if step.type == "AWS::CloudWatch::Alarm":
        return alarms
    return edge if name in _EDGE else vpc


_APART = partial(_stack, association="WebAcl", alarms="Monitoring")
_ALL_APART = partial(_APART, vpc="Vpc", edge="Edge")

WITH_IMAGES: Final[Mapping[str, Layout]] = {
    "Each thing that takes minutes in a stack of its own, each service straight below the parent": (
        partial(_ALL_APART, roles="")
    ),
    "… and the roles and log groups of services in a stack of their own": _ALL_APART,
    "VPC and load balancer in the parent itself, roles with their service": (
        partial(_APART, roles="")
    ),
    "VPC and load balancer in the parent, roles apart": _APART,
}
WITHOUT_IMAGES: Final[Mapping[str, Layout]] = {
    "As in the last row above; web ACL, and alarms over load balancer and NAT gateways, in stacks "
    "of their own": _APART,
    "The association with the web ACL in the parent": partial(_APART, association=""),
    "… and the alarms": _stack,
}
WITHOUT_A_LOAD_BALANCER: Final[Mapping[str, Layout]] = {
    "As decided here": _stack,
    "… and NAT gateways, endpoints and routes in the parent": partial(_stack, network=""),
}
"""The rows of the ADR's tables, after the one of the four stacks."""
