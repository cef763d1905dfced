"""Rules over how an ECS service, its task definition and its target group fit together.

They see what stands in one template; what is in another one is not judged here.
"""

import re
from collections.abc import Iterator
from typing import Any

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import (
    Order,
    branches,
    declared,
    inner,
    is_given,
    items,
    may_be_given,
    named_in,
    numbers,
    resources,
    texts,
)

SERVICE = "AWS::ECS::Service"
TASK = "AWS::ECS::TaskDefinition"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
FORWARDING = (
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
)

_URL = re.compile(r"https?://[^/\s:\"']+(?::(\d+))?(/[^\s\"';|&]*)?")


@rule("E9141")
def unknown_container(template: Node) -> Hits:
    """Require the container and port that a load balancer sends requests to among those of the task
    definition, or ECS refuses the service.
    """
    for path, service in resources(template, SERVICE):
        containers = list(_containers(template, service))
        names = {name for one in containers for name in texts(one.get("Name"))}
        if not containers or not all(isinstance(one.get("Name"), str) for one in containers):
            continue
        for where, entry in items(service.get("LoadBalancers"), (*path, "LoadBalancers")):
            for name in texts(entry.get("ContainerName")):
                if name not in names:
                    message = f"must be one of {', '.join(sorted(names))}, found {name}"
                    yield (*where, "ContainerName"), message
                    continue
                ports = _ports([one for one in containers if one.get("Name") == name])
                for port in numbers(entry.get("ContainerPort")):
                    if ports is not None and port not in ports:
                        listed = ", ".join(f"{one:g}" for one in sorted(ports)) or "none"
                        message = f"{name} has the ports {listed}, found {port:g}"
                        yield (*where, "ContainerPort"), message


@rule("E9142")
def target_type(template: Node) -> Hits:
    """Require targets by address for tasks with network interfaces of their own (awsvpc): they are
    no instances that could be registered.
    """
    for _, service, _, name in _registrations(template):
        group = declared(template)[name].get("Properties")
        group = group if isinstance(group, dict) else {}
        tasks = _tasks(template, service)
        if not any("awsvpc" in texts(task.get("NetworkMode")) for task in tasks):
            continue
        kinds = list(texts(group.get("TargetType", "instance")))
        if is_given(group.get("TargetType")) and "instance" not in kinds:
            continue
        where: Path = ("Resources", name, "Properties", "TargetType")
        yield where, "must be ip: the tasks are in awsvpc mode"


@rule("E9143")
def before_its_listener(template: Node) -> Hits:
    """Require a service to wait for what forwards to its target group: ECS refuses a target group
    that belongs to no load balancer yet.
    """
    for path, _, _, group in _registrations(template):
        forwards = [
            name
            for name, resource in declared(template).items()
            if resource.get("Type") in FORWARDING and group in named_in(resource.get("Properties"))
        ]
        if forwards and not set(forwards) & Order(template).before(str(path[1])):
            listed = " or ".join(sorted(forwards))
            yield (*path[:2], "DependsOn"), f"must have {listed}, which forwards to {group}"


@rule("E9144")
def no_grace_period(template: Node) -> Hits:
    """Require a grace period behind a load balancer: without one, ECS stops tasks that are still
    starting.
    """
    for path, service in resources(template, SERVICE):
        entries = [one for _, one in items(service.get("LoadBalancers"))]
        where: Path = (*path, "HealthCheckGracePeriodSeconds")
        if entries and not is_given(service.get("HealthCheckGracePeriodSeconds")):
            yield where, "is missing: it would be 0 seconds"


@rule("E9145")
def nobody_checks_its_health(template: Node) -> Hits:
    """Require a health check in a container that no load balancer checks: ECS takes a task for
    healthy as long as its process runs.
    """
    for _, service in resources(template, SERVICE):
        if may_be_given(service.get("LoadBalancers")) and service.get("LoadBalancers") != []:
            continue
        for where, task in _tasks_with_paths(template, service):
            containers = list(items(task.get("ContainerDefinitions")))
            checked = any(may_be_given(one.get("HealthCheck")) for _, one in containers)
            if containers and not checked:
                yield (*where, "ContainerDefinitions"), "needs a HealthCheck in a container"


@rule("E9146")
def health_checks_differ(template: Node) -> Hits:
    """Require that a container's own health check and its target group's ask for the same path, on
    a port that the container has: one of the two would check nothing.
    """
    for _, service, entry, name in _registrations(template):
        group = declared(template)[name].get("Properties")
        paths = set(texts(group.get("HealthCheckPath"))) if isinstance(group, dict) else set()
        for where, task in _tasks_with_paths(template, service):
            listed: Path = (*where, "ContainerDefinitions")
            for place, one in items(task.get("ContainerDefinitions"), listed):
                if one.get("Name") != entry.get("ContainerName"):
                    continue
                here: Path = (*place, "HealthCheck", "Command")
                ports = _ports([one])
                for port, path in _asked(one):
                    if paths and path not in paths:
                        found = f"asks for {path}, the target group for {', '.join(sorted(paths))}"
                        yield here, found
                    if port and ports is not None and port not in ports:
                        yield here, f"asks on port {port}, which the container does not have"


@rule("E9147")
def no_circuit_breaker(template: Node) -> Hits:
    """Require a circuit breaker that rolls back: without one, ECS starts tasks that crash again and
    again while the stack waits for hours.
    """
    for path, service in resources(template, SERVICE):
        controller = set(texts(inner(service, "DeploymentController", "Type")))
        if controller - {"ECS"}:
            continue
        for choice in branches(service.get("DeploymentConfiguration")):
            breakers = list(branches(inner(choice, "DeploymentCircuitBreaker")))
            for breaker in breakers:
                for name in ("Enable", "Rollback"):
                    if not is_given(inner(breaker, name)) or _is_false(inner(breaker, name)):
                        where: Path = ("DeploymentConfiguration", "DeploymentCircuitBreaker", name)
                        yield (*path, *where), "must be true"


def _is_false(value: Any) -> bool:
    return any(str(choice).lower() == "false" for choice in branches(value))


def _registrations(template: Node) -> Iterator[tuple[Path, Node, Node, str]]:
    """Yield the path and properties of each service, an entry of its ``LoadBalancers``, and the
    logical id of the target group in this template that it names.
    """
    groups = {name for name, one in declared(template).items() if one.get("Type") == TARGET_GROUP}
    for path, service in resources(template, SERVICE):
        for _, entry in items(service.get("LoadBalancers")):
            for name in set(named_in(entry.get("TargetGroupArn"))) & groups:
                yield path, service, entry, name


def _tasks_with_paths(template: Node, service: Node) -> Iterator[tuple[Path, Node]]:
    """Yield the task definitions in this template that a service names."""
    names = set(named_in(service.get("TaskDefinition")))
    for path, task in resources(template, TASK):
        if path[1] in names:
            yield path, task


def _tasks(template: Node, service: Node) -> list[Node]:
    return [task for _, task in _tasks_with_paths(template, service)]


def _containers(template: Node, service: Node) -> Iterator[Node]:
    for task in _tasks(template, service):
        yield from (one for _, one in items(task.get("ContainerDefinitions")))


def _ports(containers: list[Node]) -> set[float] | None:
    """Return the ports of containers, or ``None`` where one of them is known at deployment only."""
    found: set[float] = set()
    for container in containers:
        for choice in branches(container.get("PortMappings")):
            if not isinstance(choice, list | None):
                return None
        for _, mapping in items(container.get("PortMappings")):
            known = list(numbers(mapping.get("ContainerPort")))
            if not known:
                return None
            found.update(known)
    return found


def _asked(container: Node) -> Iterator[tuple[int | None, str]]:
    """Yield the port and path of each URL in a container's own health check."""
    for choice in branches(inner(container.get("HealthCheck"), "Command")):
        for word in choice if isinstance(choice, list) else ():
            for text in texts(word):
                for port, path in _URL.findall(text):
                    yield int(port) if port else None, path or "/"
