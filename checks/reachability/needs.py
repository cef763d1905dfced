"""Which AWS services a service's tasks call, as their definition and role have it."""

from collections.abc import Iterator

from checks.resolved import Resource, System
from checks.walk import inner, items
from description.endpoints import GATEWAY_BY_PREFIX, INTERFACE_BY_PREFIX

ROLE = "AWS::IAM::Role"


def called(system: System, service: Resource) -> set[str]:
    """Return the endpoint names (``ecr.api``, ``s3``) of what the tasks of ``service`` call, and
    the IAM prefix of what has no known endpoint.

    Source: ECS Developer Guide, "Amazon ECS interface VPC endpoints": image layers come from S3,
    and ECS itself reads secrets and writes logs from where the task runs.
    """
    task = system.find("AWS::ECS::TaskDefinition", service.properties.get("TaskDefinition"))
    if task is None:
        return set()
    return {
        *(
            name
            for one in task.properties.get("ContainerDefinitions", [])
            for name in _starting(one)
        ),
        *(_carrier(prefix) for prefix in _allowed(system, task.properties.get("TaskRoleArn"))),
    }


def _starting(container: dict[str, object]) -> Iterator[str]:
    """Yield what ECS calls to start a container and to take its logs and secrets."""
    if ".dkr.ecr." in str(container.get("Image")):
        yield from ("ecr.api", "ecr.dkr", "s3")
    match container:
        case {"LogConfiguration": {"LogDriver": "awslogs"}}:
            yield "logs"
    match container:
        case {"Secrets": list(secrets)}:
            for secret in secrets:
                yield _carrier(f"{secret.get('ValueFrom')}::".split(":")[2])


def _allowed(system: System, role_arn: object) -> Iterator[str]:
    """Yield the prefixes of the actions that the task's own code may perform."""
    role = system.find(ROLE, role_arn)
    for _, policy in items(role.properties.get("Policies") if role else None):
        for _, statement in items(inner(policy, "PolicyDocument", "Statement")):
            actions = statement.get("Action")
            for action in actions if isinstance(actions, list) else [actions]:
                if isinstance(action, str):  # else a finding of the permissions
                    yield action.partition(":")[0]


def _carrier(prefix: str) -> str:
    return GATEWAY_BY_PREFIX.get(prefix) or INTERFACE_BY_PREFIX.get(prefix) or prefix
