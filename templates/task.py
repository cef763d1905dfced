"""Task definition: the container of a service, its size, its secrets and its file system."""

from collections.abc import Mapping

from troposphere import AWSHelperFn, Region, ecs

from description.model import Service, System
from templates.kinds import EnvironmentSuffix, RoleArn, SecretArn
from templates.names import repository_name
from templates.text import sub

HEALTH_CHECK_RETRIES = 3
"""Failures in a row before a task counts as unhealthy."""


def definition(
    name: str,
    spec: Service,
    *,
    family: AWSHelperFn,
    image: AWSHelperFn,
    secret_arns: Mapping[str, SecretArn],
    log_group: AWSHelperFn,
    execution_role: RoleArn,
    task_role: RoleArn,
) -> ecs.TaskDefinition:
    """Return the task definition of a service.

    A replaced revision stays active, so that people can go back to it by hand.
    """
    return ecs.TaskDefinition(
        "TaskDefinition",
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
        Family=family,
        RequiresCompatibilities=["FARGATE"],
        NetworkMode="awsvpc",
        RuntimePlatform=ecs.RuntimePlatform(
            CpuArchitecture=spec.architecture.upper(), OperatingSystemFamily="LINUX"
        ),
        Cpu=str(spec.cpu),
        Memory=str(spec.memory),
        ExecutionRoleArn=execution_role,
        TaskRoleArn=task_role,
        ContainerDefinitions=[container(name, spec, image, secret_arns, log_group)],
        Volumes=[ecs.Volume(Name=volume_name(path)) for path in spec.writable_paths],
    )


def container(
    name: str,
    spec: Service,
    image: AWSHelperFn,
    secret_arns: Mapping[str, SecretArn],
    log_group: AWSHelperFn,
) -> ecs.ContainerDefinition:
    """Return the container: read-only but for its volumes, its secrets by JSON key."""
    one = ecs.ContainerDefinition(
        Name=name,
        Image=image,
        Essential=True,
        ReadonlyRootFilesystem=True,
        StopTimeout=spec.stop_timeout,
        LinuxParameters=ecs.LinuxParameters(InitProcessEnabled=True),
        Environment=[
            ecs.Environment(Name=key, Value=value)
            for key, value in sorted(spec.environment.items())
        ],
        Secrets=[
            ecs.Secret(Name=key, ValueFrom=sub(secret_arns[read.secret], f":{read.key}::"))
            for key, read in sorted(spec.secrets.items())
        ],
        MountPoints=[
            ecs.MountPoint(SourceVolume=volume_name(path), ContainerPath=path, ReadOnly=False)
            for path in spec.writable_paths
        ],
        LogConfiguration=ecs.LogConfiguration(
            LogDriver="awslogs",
            Options={
                "awslogs-group": log_group,
                "awslogs-region": Region,
                "awslogs-stream-prefix": name,
            },
        ),
    )
    if spec.user is not None:
        one.User = spec.user
    if spec.port is not None:
        one.PortMappings = [ecs.PortMapping(ContainerPort=spec.port, Protocol="tcp")]
    if spec.health_check.command is not None:
        one.HealthCheck = ecs.HealthCheck(
            Command=list(spec.health_check.command),
            Interval=spec.health_check.interval,
            Timeout=spec.health_check.timeout,
            Retries=HEALTH_CHECK_RETRIES,
            StartPeriod=spec.health_check.start_period,
        )
    return one


def repository(system: System, name: str, suffix: EnvironmentSuffix) -> AWSHelperFn | str:
    """Return the name of the repository that the registry makes for a service, or of the existing
    one.

    It is known by its name, not by an edge, so that a system's repositories do not use up the
    parameters of other stacks.
    """
    if system.registry.mode == "create":
        return repository_name(system.name_prefix, name, suffix)
    return system.services[name].repository or name


def volume_name(path: str) -> str:
    """Return the name of the volume mounted at ``path``: ``var-run`` for ``/var/run``."""
    return path.strip("/").replace("/", "-").replace(".", "-")
