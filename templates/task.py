"""Task definition: the container of a service, its size, its secrets and its file system."""

from collections.abc import Mapping

from troposphere import AWSHelperFn, GetAtt, Ref, Region, ecs, logs
from troposphere.iam import Role

from description.model import Service
from templates.kinds import SecretArn
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
    log_group: logs.LogGroup,
    execution_role: Role,
    task_role: Role,
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
        ExecutionRoleArn=GetAtt(execution_role, "Arn"),
        TaskRoleArn=GetAtt(task_role, "Arn"),
        ContainerDefinitions=[container(name, spec, image, secret_arns, log_group)],
        Volumes=[ecs.Volume(Name=volume_name(path)) for path in spec.writable_paths],
    )


def container(
    name: str,
    spec: Service,
    image: AWSHelperFn,
    secret_arns: Mapping[str, SecretArn],
    log_group: logs.LogGroup,
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
                "awslogs-group": Ref(log_group),
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


def volume_name(path: str) -> str:
    """Return the name of the volume mounted at ``path``: ``var-run`` for ``/var/run``."""
    return path.strip("/").replace("/", "-").replace(".", "-")
