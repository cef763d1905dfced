"""What ECS and a service's code need: to start tasks, to write their logs, to do what is described.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role", "Task IAM role" and "Pass
sensitive data to an Amazon ECS container"; Service Authorization Reference, for the resource of
each action.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.permissions.needs import STRANGER, Need
from checks.permissions.patterns import examples
from checks.permissions.policies import KEY, ROLE, CannotFollowError
from checks.resolved import Resource, System
from description.guardduty import AGENT_ACCOUNTS, AGENT_REPOSITORY
from description.model import System as Description
from description.names import stack_of

SERVICE: Final = "AWS::ECS::Service"
TASK_DEFINITION: Final = "AWS::ECS::TaskDefinition"
LOG_GROUP: Final = "AWS::Logs::LogGroup"
SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - a type

ECS_TASKS: Final = "ecs-tasks.amazonaws.com"

PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
"""What a pull calls on the repository.

Source: Amazon ECR User Guide, "Amazon ECR private repository policies", on pulling images.
"""

_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com[.a-z]*/"
    r"(?P<name>[^@:]+)[@:].+"
)
_UNKNOWN_OF_CONTAINERS: Final = ("EnvironmentFiles", "RepositoryCredentials", "CredentialSpecs")


def needs(system: System, described: Description) -> Iterator[Need]:
    """Yield what the services of ``system`` need. Raises ``CannotFollowError``."""
    names = {stack_of(name): name for name in described.services}
    for service in system.of_type(SERVICE):
        stack = service.stack.rpartition("/")[2]
        task = system.find(TASK_DEFINITION, service.properties.get("TaskDefinition"))
        if task is None or stack not in names:
            message = "must run a task definition of this system, as a service of the description"
            raise CannotFollowError(service, message, "TaskDefinition")
        yield from _starting(system, names[stack], task)
        yield from _acting(system, described, names[stack], task)


def _role(system: System, task: Resource, name: str) -> Resource:
    role = system.find(ROLE, task.properties.get(name))
    if role is None:
        raise CannotFollowError(task, "must be a role of this system", name)
    return role


def _assumed(system: System, name: str, role: Resource) -> Need:
    """Return that ECS assumes a role for tasks of this account and region, and nobody else does."""
    place = system.place
    here = f"arn:{place.partition}:ecs:{place.region}:{place.account}:task/cluster/0123"
    return Need(
        who=ECS_TASKS,
        action="sts:AssumeRole",
        resource=system.arns[role.address],
        reason=f"ECS assumes it for the tasks of {name}",
        place=role,
        context={"aws:sourceaccount": place.account, "aws:sourcearn": here},
        scopes={"aws:sourcearn": f"arn:{place.partition}:ecs:{place.region}:{place.account}:*"},
        strange={
            "aws:sourceaccount": (STRANGER,),
            "aws:sourcearn": (
                here.replace(place.account, STRANGER),
                here.replace(":ecs:", ":ec2:"),
            ),
        },
    )


def _starting(system: System, name: str, task: Resource) -> Iterator[Need]:
    """Yield what ECS does with the execution role."""
    role = _role(system, task, "ExecutionRoleArn")
    arn = system.arns[role.address]
    yield _assumed(system, name, role)
    yield from _pulling_the_agent(system, name, role)
    for index, container in enumerate(task.properties.get("ContainerDefinitions", [])):
        path = ("ContainerDefinitions", index)
        for unknown in _UNKNOWN_OF_CONTAINERS:
            if container.get(unknown):
                message = "is not understood: what it needs is not known"
                raise CannotFollowError(task, message, *path, unknown)
        token = "ecr:GetAuthorizationToken"  # noqa: S105 - an action
        yield Need(arn, token, "*", f"{name} logs in to its registry", role)
        repository = _repository(system, task, container, path)
        for action in PULL:
            yield Need(arn, action, repository, f"{name} pulls its image", role)
        yield from _logging(system, name, task, container, path, role)
        for secret in _secrets(task, container, path):
            yield from _reading(system, name, role, secret)


def _pulling_the_agent(system: System, name: str, role: Resource) -> Iterator[Need]:
    """Yield that GuardDuty's agent starts beside the task. The same statement is for all regions:
    it has to name the accounts of all, and one of them stands for a region that has none.

    Source: GuardDuty User Guide, "Prerequisites for AWS Fargate (Amazon ECS only) support".
    """
    place = system.place
    account = AGENT_ACCOUNTS.get(place.region) or min(AGENT_ACCOUNTS.values())
    here = f"arn:{place.partition}:ecr:{place.region}"
    for action in PULL:
        yield Need(
            system.arns[role.address],
            action,
            f"{here}:{account}:repository/{AGENT_REPOSITORY}",
            f"GuardDuty watches {name}",
            role,
            f"{here}:*:repository/{AGENT_REPOSITORY}",
            context={"aws:resourceaccount": account},
            others={"aws:resourceaccount": tuple(sorted({*AGENT_ACCOUNTS.values()} - {account}))},
            strange={"aws:resourceaccount": (STRANGER, place.account)},
        )


def _repository(
    system: System, task: Resource, container: Mapping[str, Any], path: tuple[str | int, ...]
) -> str:
    image = str(container.get("Image"))
    match = _IMAGE.fullmatch(image)
    if match is None:
        raise CannotFollowError(
            task, f"must be of an ECR repository, found {image}", *path, "Image"
        )
    return (
        f"arn:{system.place.partition}:ecr:{match['region']}:{match['account']}"
        f":repository/{match['name']}"
    )


def _logging(
    system: System,
    name: str,
    task: Resource,
    container: Mapping[str, Any],
    path: tuple[str | int, ...],
    role: Resource,
) -> Iterator[Need]:
    match container.get("LogConfiguration"):
        case {"LogDriver": "awslogs", "Options": dict(options), **more} if not more:
            group = f"{_logs(system)}:log-group:{options.get('awslogs-group')}"
            stream = f"{group}:log-stream:{options.get('awslogs-stream-prefix')}/{name}/0123"
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                reason = f"{name} writes its logs"
                yield Need(system.arns[role.address], action, stream, reason, role, f"{group}:*")
        case other:
            message = f"must be awslogs and its options, found {other}"
            raise CannotFollowError(task, message, *path, "LogConfiguration")


def _logs(system: System) -> str:
    place = system.place
    return f"arn:{place.partition}:logs:{place.region}:{place.account}"


def _secrets(
    task: Resource, container: Mapping[str, Any], path: tuple[str | int, ...]
) -> list[str]:
    """Return the ARNs of the secrets that a container's variables come from."""
    found = set()
    for index, one in enumerate(container.get("Secrets", [])):
        parts = str(one.get("ValueFrom")).split(":")
        if parts[0] != "arn" or parts[2:3] != ["secretsmanager"] or len(parts) < 7:
            message = f"must be the ARN of a secret, found {one.get('ValueFrom')}"
            raise CannotFollowError(task, message, *path, "Secrets", index, "ValueFrom")
        found.add(":".join(parts[:7]))
    return sorted(found)


def _reading(system: System, name: str, role: Resource, secret_arn: str) -> Iterator[Need]:
    """Yield that a secret's value is read, and decrypted where the secret has a customer key."""
    arn = system.arns[role.address]
    reason = f"{name} reads {secret_arn.rpartition(':')[2].removesuffix('-??????')}"
    action = "secretsmanager:GetSecretValue"
    yield Need(arn, action, secret_arn, reason, role)
    secret = system.find(SECRET, secret_arn)
    key = system.find(KEY, secret.properties.get("KmsKeyId")) if secret else None
    if key is not None:
        # Secrets Manager calls KMS in the name of whoever reads.
        # Source: Secrets Manager User Guide, "Secret encryption and decryption".
        via = f"secretsmanager.{system.place.region}.amazonaws.com"
        yield Need(
            arn,
            "kms:Decrypt",
            system.arns[key.address],
            f"{reason}, which its key encrypts",
            role,
            context={
                "kms:viaservice": via,
                "kms:calleraccount": system.place.account,
                "kms:encryptioncontext:secretarn": secret_arn,
            },
            strange={
                "kms:viaservice": (f"s3.{system.place.region}.amazonaws.com",),
                "kms:encryptioncontext:secretarn": (f"{secret_arn[:-6]}x",),
            },
        )


def _acting(system: System, described: Description, name: str, task: Resource) -> Iterator[Need]:
    """Yield what the service's own code does with the task role: what its description says."""
    role = _role(system, task, "TaskRoleArn")
    yield _assumed(system, name, role)
    arn = system.arns[role.address]
    for permission in described.services[name].permissions:
        for written in permission.resources:
            scope = _filled_in(system, written)
            for action in permission.actions:
                reason = f"{name} is described to {permission.sid}"
                for real in examples(scope):
                    yield Need(arn, action, real, reason, role, scope)


def _filled_in(system: System, text: str) -> str:
    values = {
        "AWS::Partition": system.place.partition,
        "AWS::Region": system.place.region,
        "AWS::AccountId": system.place.account,
        "EnvironmentSuffix": str(system.parameters["EnvironmentSuffix"]),
    }
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text
