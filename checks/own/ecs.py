"""Rules over ECS services and task definitions."""

from collections.abc import Iterator

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import branches, is_given, items, may_be_given, numbers, resources, texts
from description.fargate import MEMORY_BY_CPU, STOP_TIMEOUT

SERVICE = "AWS::ECS::Service"
TASK = "AWS::ECS::TaskDefinition"
ON_FARGATE = {"FARGATE", "FARGATE_SPOT"}


@rule("E9101")
def launch_type_and_strategy(template: Node) -> Hits:
    """Refuse a launch type beside a capacity provider strategy, as ECS does."""
    for path, service in resources(template, SERVICE):
        if may_be_given(service.get("LaunchType")) and may_be_given(
            service.get("CapacityProviderStrategy")
        ):
            yield (*path, "LaunchType"), "remove it: CapacityProviderStrategy says where tasks run"


@rule("E9102")
def rebalancing_without_room(template: Node) -> Hits:
    """Refuse rebalancing over zones without room for another task: it starts one before it stops
    one, and ECS wants a MaximumPercent above 100 for it.
    """
    for path, service in resources(template, SERVICE):
        if "ENABLED" not in texts(service.get("AvailabilityZoneRebalancing")):
            continue
        for deployment in branches(service.get("DeploymentConfiguration")):
            maximum = deployment.get("MaximumPercent") if isinstance(deployment, dict) else None
            for percent in numbers(maximum):
                if percent <= 100:
                    where: Path = (*path, "DeploymentConfiguration", "MaximumPercent")
                    yield where, f"must be above 100 with rebalancing, found {percent:g}"


@rule("E9103")
def fargate_without_network(template: Node) -> Hits:
    """Require a network on Fargate, where every task has a network interface of its own."""
    for path, service in resources(template, SERVICE):
        if _on_fargate(service) and not is_given(service.get("NetworkConfiguration")):
            yield (*path, "NetworkConfiguration"), "is missing: a service on Fargate needs it"


@rule("E9104")
def health_check_command(template: Node) -> Hits:
    """Require a health check's command to begin with how to run it, or ECS refuses the task."""
    for path, container in _containers(template):
        check = container.get("HealthCheck")
        for choice in branches(check.get("Command") if isinstance(check, dict) else None):
            if isinstance(choice, list) and (not choice or choice[0] not in ("CMD", "CMD-SHELL")):
                where: Path = (*path, "HealthCheck", "Command")
                yield where, "must begin with CMD (or CMD-SHELL, which needs a shell in the image)"
            elif isinstance(choice, list) and len(choice) < 2:
                yield (*path, "HealthCheck", "Command"), "has no program to run"


@rule("E9105")
def stop_timeout(template: Node) -> Hits:
    """Refuse a longer time to stop than Fargate gives before it kills a container."""
    least, most = STOP_TIMEOUT
    for path, container in _containers(template, on_fargate=True):
        for seconds in numbers(container.get("StopTimeout")):
            if not least <= seconds <= most:
                message = f"must be {least} to {most} seconds on Fargate, found {seconds:g}"
                yield (*path, "StopTimeout"), message


@rule("E9106")
def task_size(template: Node) -> Hits:
    """Require one of the pairs of CPU units and memory that Fargate offers."""
    for path, task in resources(template, TASK):
        if "FARGATE" not in _compatibilities(task):
            continue
        for name in ("Cpu", "Memory"):
            if not is_given(task.get(name)):
                yield (*path, name), "is missing: a task on Fargate needs it"
        for cpu in numbers(task.get("Cpu")):
            sizes = MEMORY_BY_CPU.get(int(cpu))
            if sizes is None or cpu % 1:
                offered = ", ".join(map(str, MEMORY_BY_CPU))
                yield (*path, "Cpu"), f"must be one of {offered}, found {cpu:g}"
                continue
            for memory in numbers(task.get("Memory")):
                if memory not in sizes:
                    offered = ", ".join(map(str, sizes))
                    message = f"must be one of {offered} with Cpu {cpu:g}, found {memory:g}"
                    yield (*path, "Memory"), message


@rule("E9107")
def secrets_without_execution_role(template: Node) -> Hits:
    """Require the role with which ECS reads a task's secrets: without it no task ever starts."""
    for path, task in resources(template, TASK):
        has_secrets = any(
            may_be_given(container.get("Secrets"))
            for _, container in items(task.get("ContainerDefinitions"))
        )
        if has_secrets and not is_given(task.get("ExecutionRoleArn")):
            yield (*path, "ExecutionRoleArn"), "is missing: ECS cannot read the containers' secrets"


@rule("E9108")
def no_weight(template: Node) -> Hits:
    """Require a weight above 0 in a strategy: it is 0 unless given, and 0 places no task."""
    for path, service in resources(template, SERVICE):
        where: Path = (*path, "CapacityProviderStrategy")
        for choice in branches(service.get("CapacityProviderStrategy")):
            providers = [item for _, item in items(choice)]
            if providers and all(
                list(numbers(provider.get("Weight", 0))) == [0] for provider in providers
            ):
                yield where, "needs a provider whose Weight is above 0"


@rule("E9109")
def count_beside_scaling(template: Node) -> Hits:
    """Refuse a count beside autoscaling, whose decision every update of the stack would undo."""
    scaled = any(
        "ecs:service:DesiredCount" in texts(target.get("ScalableDimension"))
        for _, target in resources(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    )
    for path, service in resources(template, SERVICE):
        if scaled and may_be_given(service.get("DesiredCount")):
            yield (
                (*path, "DesiredCount"),
                "remove it: the scalable target's MinCapacity is the start",
            )


def _on_fargate(service: Node) -> bool:
    providers = {
        name
        for _, item in items(service.get("CapacityProviderStrategy"))
        for name in texts(item.get("CapacityProvider"))
    }
    return bool(ON_FARGATE & (providers | set(texts(service.get("LaunchType")))))


def _compatibilities(task: Node) -> set[str]:
    return {
        text
        for choice in branches(task.get("RequiresCompatibilities"))
        if isinstance(choice, list)
        for item in choice
        for text in texts(item)
    }


def _containers(template: Node, *, on_fargate: bool = False) -> Iterator[tuple[Path, Node]]:
    for path, task in resources(template, TASK):
        if not on_fargate or "FARGATE" in _compatibilities(task):
            yield from items(task.get("ContainerDefinitions"), (*path, "ContainerDefinitions"))


@rule("E9148")
def provider_twice(template: Node) -> Hits:
    """Refuse a capacity provider that a strategy names twice, as ECS does."""
    for path, service in resources(template, SERVICE):
        seen: set[str] = set()
        where: Path = (*path, "CapacityProviderStrategy")
        for place, item in items(service.get("CapacityProviderStrategy"), where):
            for name in texts(item.get("CapacityProvider")):
                if name in seen:
                    yield (*place, "CapacityProvider"), f"{name} is named twice"
                seen.add(name)
