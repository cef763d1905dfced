"""Listeners: which requests a load balancer sends to whom."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from checks.findings import Finding
from checks.reachability.parties import SERVICE, service_name
from checks.resolved import Resource, System
from description.model import Route
from description.model import System as Description

LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
RULE: Final = "AWS::ElasticLoadBalancingV2::ListenerRule"
TARGET_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"


class Answer(NamedTuple):
    """What becomes of requests that come in on a port."""

    port: int
    requests: str
    """Which ones: ``100: paths /*``; ``others`` for those that no rule is for."""
    to: str
    """``api-gateway 8080``, ``redirect to https 443``, ``fixed-response``."""


def answers(system: System, names: dict[str, str]) -> dict[Answer, Resource]:
    """Return what the listeners of ``system`` do, and the resource that says so."""
    behind = _behind(system, names)
    found = {}
    for listener in system.of_type(LISTENER):
        port = int(listener.properties.get("Port", 0))
        for to in _outcomes(system, behind, listener.properties.get("DefaultActions", [])):
            found[Answer(port, "others", to)] = listener
        for rule in system.of_type(RULE):
            if rule.properties.get("ListenerArn") == listener.reference:
                requests = _requests(rule.properties)
                for to in _outcomes(system, behind, rule.properties.get("Actions", [])):
                    found[Answer(port, requests, to)] = rule
    return found


def wanted_answers(described: Description) -> set[Answer]:
    """Return what the listeners should do."""
    if not described.routed:
        return set()
    found = set()
    port = 80
    if described.edge.protocol == "https":
        port = 443
        found.add(Answer(80, "others", "redirect to https 443"))
    found.add(Answer(port, "others", "fixed-response"))
    for name, service in described.services.items():
        for route in service.routes:
            found.add(Answer(port, _routed(route), f"{name} {service.port}"))
    return found


def differences(system: System, described: Description, names: dict[str, str]) -> Iterator[Finding]:
    """Yield where listeners do something else than the description says."""
    there, should = answers(system, names), wanted_answers(described)
    for answer in sorted(there.keys() - should):
        message = f"answers requests {answer.requests} on port {answer.port} with {answer.to}"
        yield there[answer].finding("E9504", f"{message}, which the description does not say")
    balancers = system.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    for answer in sorted(should - there.keys()):
        message = (
            f"does not answer requests {answer.requests} on port {answer.port} with {answer.to}"
        )
        place = balancers[0] if balancers else next(iter(system.resources.values()))
        yield place.finding("E9504", f"{message}, as the description says")


def _behind(system: System, names: dict[str, str]) -> dict[str, list[str]]:
    """Return the services registered with each target group, with their ports."""
    behind: dict[str, list[str]] = {}
    for service in system.of_type(SERVICE):
        for one in service.properties.get("LoadBalancers", []):
            group = system.find(TARGET_GROUP, one.get("TargetGroupArn"))
            if group is not None:
                target = f"{service_name(service, names)} {one.get('ContainerPort')}"
                behind.setdefault(group.address, []).append(target)
    return behind


def _outcomes(system: System, behind: dict[str, list[str]], actions: Any) -> Iterator[str]:
    for action in actions:
        match action:
            case {"Type": "forward"}:
                groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
                for one in (action, *groups):
                    group = system.find(TARGET_GROUP, one.get("TargetGroupArn"))
                    if group is not None:
                        yield from behind.get(group.address, ["no service"])
            case {"Type": "redirect", "RedirectConfig": {"Protocol": protocol, "Port": port}}:
                yield f"redirect to {str(protocol).lower()} {port}"
            case _:
                yield str(action.get("Type"))


def _requests(rule: dict[str, Any]) -> str:
    """Return which requests a rule is for."""
    hosts: list[str] = []
    paths: list[str] = []
    others = []
    for condition in rule.get("Conditions", []):
        match condition:
            case {"Field": "host-header", "HostHeaderConfig": {"Values": list(values)}}:
                hosts += values
            case {"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}:
                paths += values
            case _:
                others.append(str(condition.get("Field")))
    return _text(rule.get("Priority"), hosts, paths, others)


def _routed(route: Route) -> str:
    return _text(route.priority, list(route.hosts), list(route.paths), [])


def _text(priority: object, hosts: list[str], paths: list[str], others: list[str]) -> str:
    parts = [f"hosts {', '.join(hosts)}"] if hosts else []
    parts += [f"paths {', '.join(paths)}"] if paths else []
    return f"{priority}: {' and '.join(parts + others)}"
