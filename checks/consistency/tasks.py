"""Services and their tasks are as described, and each one's own."""

from typing import Any, Final

from checks.consistency.nest import (
    CLUSTER,
    REPOSITORY,
    ROLE,
    TARGET_GROUP,
    TASK,
    Nest,
    Parts,
    attributes,
    below,
    each,
    refers_to,
    text,
)
from checks.consistency.rule import Hit, Hits, rule
from description import digests
from description.names import pascal

_OWN: Final = (
    ("TaskDefinition", TASK),
    ("ExecutionRoleArn", ROLE),
    ("TaskRoleArn", ROLE),
)


@rule("E9711")
def container_as_described(nest: Nest) -> Hits:
    """Require one container, of the service's name and with its port alone: load balancer, calls
    and log streams know it by these.
    """
    for parts, task in nest.tasks():
        names = [one.get("Name") for one in each(task.properties, "ContainerDefinitions")]
        if names != [parts.name]:
            message = f"must have the container {parts.name} alone, found {names}"
            yield Hit(task, message, ("ContainerDefinitions",))
            continue
        mapped = [text(one.get("ContainerPort")) for one in each(parts.container, "PortMappings")]
        wanted = [text(parts.spec.port)] if parts.spec.port else []
        if mapped != wanted:
            message = f"must be {wanted} as described, found {mapped}"
            yield Hit(task, message, ("ContainerDefinitions", 0, "PortMappings"))


@rule("E9712")
def health_checks_as_described(nest: Nest) -> Hits:
    """Require the described health check at the target group and in the container, with the same
    rhythm: a check of something else passes while the service fails, or the other way round.
    """
    for parts, task in nest.tasks():
        check = parts.spec.health_check
        rhythm = {"Interval": check.interval, "Timeout": check.timeout}
        own = parts.container.get("HealthCheck")
        where = ("ContainerDefinitions", 0, "HealthCheck")
        if check.command is None:
            if own is not None:
                yield Hit(task, "is not in the description", where)
        else:
            wanted: dict[str, Any] = {"Command": list(check.command), **rhythm}
            wanted["StartPeriod"] = check.start_period
            for name, value in wanted.items():
                found = below(own, name)
                if text(found) != text(value):
                    yield Hit(task, f"must be {value}, found {found}", (*where, name))
        group = parts.only(TARGET_GROUP)
        if group is not None:
            asked = {
                "HealthCheckPath": check.path,
                "HealthCheckIntervalSeconds": check.interval,
                "HealthCheckTimeoutSeconds": check.timeout,
                "Matcher/HttpCode": 200,
            }
            for name, value in asked.items():
                path = tuple(name.split("/"))
                found = below(group.properties, *path)
                if text(found) != text(value):
                    yield Hit(group, f"must be {value}, found {found}", path)
            protocol = group.properties.get("HealthCheckProtocol", "HTTP")
            if protocol != group.properties.get("Protocol"):
                message = f"must be the protocol of requests, found {protocol}"
                yield Hit(group, message, ("HealthCheckProtocol",))
            port = text(group.properties.get("HealthCheckPort", "traffic-port"))
            if port not in ("traffic-port", text(parts.spec.port)):
                yield Hit(
                    group, f"must be the port of requests, found {port}", ("HealthCheckPort",)
                )


@rule("E9713")
def its_own(nest: Nest) -> Hits:
    """Require that a service runs its own task definition in this system's cluster, and its task
    its own roles: what belongs to another service gives it that one's rights.
    """
    clusters = nest.system.of_type(CLUSTER)
    for parts, service in nest.ecs_services():
        cluster = service.properties.get("Cluster")
        if not any(refers_to(cluster, one, nest) for one in clusters):
            yield Hit(service, f"must be the cluster of this system, found {cluster}", ("Cluster",))
        for name, kind in _OWN:
            holder = service if kind == TASK else parts.only(TASK)
            found = nest.system.find(kind, holder.properties.get(name)) if holder else None
            if holder and found not in parts.resources:
                message = f"must be of {parts.name}, found {holder.properties.get(name)}"
                yield Hit(holder, message, (name,))
        for index, entry in enumerate(each(service.properties, "LoadBalancers")):
            group = nest.system.find(TARGET_GROUP, entry.get("TargetGroupArn"))
            if group is None or group.stack != parts.stack.address:
                where = ("LoadBalancers", index, "TargetGroupArn")
                yield Hit(service, f"must be of {parts.stack.address}", where)


@rule("E9714")
def task_as_described(nest: Nest) -> Hits:
    """Require the size, processor, environment, writable directories and times of a task as
    described.
    """
    for parts, task in nest.tasks():
        spec = parts.spec
        wanted = {
            ("Cpu",): spec.cpu,
            ("Memory",): spec.memory,
            ("RuntimePlatform", "CpuArchitecture"): spec.architecture.upper(),
        }
        for path, value in wanted.items():
            found = below(task.properties, *path)
            if text(found) != text(value):
                yield Hit(task, f"must be {value} as described, found {found}", path)
        container = parts.container
        within: dict[str, tuple[Any, Any]] = {
            "Environment": (_named(container, "Environment", "Value"), spec.environment),
            "MountPoints": (_writable(container), sorted(spec.writable_paths)),
            "StopTimeout": (text(container.get("StopTimeout")), text(spec.stop_timeout)),
            "User": (container.get("User"), spec.user),
        }
        for name, (found, value) in within.items():
            if found != value:
                message = f"must be {value} as described, found {found}"
                yield Hit(task, message, ("ContainerDefinitions", 0, name))


@rule("E9715")
def roles_not_shared(nest: Nest) -> Hits:
    """Require a task role and an execution role for each task definition alone: two that share one
    have each other's secrets.
    """
    holders: dict[str, str] = {}
    for task in nest.system.of_type(TASK):
        for name in ("ExecutionRoleArn", "TaskRoleArn"):
            role = text(task.properties.get(name))
            here = f"{task.address} {name}"
            if role is not None and holders.setdefault(role, here) != here:
                yield Hit(task, f"is that of {holders[role]}", (name,))


@rule("E9716")
def image_as_given(nest: Nest) -> Hits:
    """Require each service's own repository, and the digest that was given for it: two that are
    swapped run the other one's program.
    """
    pinned = digests.known(nest.system.parameters, nest.described.services)
    for parts, task in nest.tasks():
        image = text(parts.container.get("Image")) or ""
        uri, _, digest = image.partition("@")
        given = pinned.get(parts.name)
        where = ("ContainerDefinitions", 0, "Image")
        if digest != given:
            yield Hit(task, f"must be pinned by {given}, found {digest or 'no digest'}", where)
        wanted = _repositories(nest, parts)
        if uri not in wanted:
            yield Hit(
                task,
                f"must come from {' or '.join(wanted) or 'no known place'}, found {uri}",
                where,
            )


def _repositories(nest: Nest, parts: Parts) -> list[str]:
    """Return where a service's image may come from."""
    place = nest.system.place
    if nest.described.registry.mode == "create":
        stem = f"{pascal(parts.name)}Repository"
        return [
            nest.identity(one, "RepositoryUri")
            for one in nest.system.of_type(REPOSITORY)
            if one.logical_id == stem
        ]
    account = nest.system.parameters.get("RegistryAccountId") or place.account
    name = parts.spec.repository or parts.name
    return [f"{account}.dkr.ecr.{place.region}.{place.url_suffix}/{name}"]


@rule("E9718")
def stopped_too_soon(nest: Nest) -> Hits:
    """Require that a task outlives what still reaches it: until the load balancer has let go of it,
    and callers have forgotten its address.
    """
    for parts, task in nest.tasks():
        stop = text(parts.container.get("StopTimeout"))
        seconds = int(stop) if stop and stop.isdecimal() else 30  # what ECS takes for none
        where = ("ContainerDefinitions", 0, "StopTimeout")
        for group in parts.of_type(TARGET_GROUP):
            delay = attributes(group, "TargetGroupAttributes").get(_DELAY) or "300"
            if delay.isdecimal() and seconds < int(delay):
                yield Hit(
                    task, f"is {seconds} seconds, the load balancer lets go after {delay}", where
                )
        for entry in parts.of_type("AWS::ServiceDiscovery::Service"):
            for record in each(entry.properties, "DnsConfig", "DnsRecords"):
                ttl = text(record.get("TTL")) or "0"
                if ttl.isdecimal() and seconds < int(ttl):
                    yield Hit(
                        task, f"is {seconds} seconds, callers know its address for {ttl}", where
                    )


_DELAY: Final = "deregistration_delay.timeout_seconds"


def _writable(container: dict[str, Any]) -> list[str]:
    points = each(container, "MountPoints")
    return sorted(
        str(one.get("ContainerPath")) for one in points if one.get("ReadOnly") is not True
    )


def _named(container: dict[str, Any], listed: str, value: str) -> dict[str, str | None]:
    return {str(one.get("Name")): text(one.get(value)) for one in each(container, listed)}
