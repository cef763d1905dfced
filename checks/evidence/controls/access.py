"""Requirements 7 and 8: who may do what, and secrets."""

from collections.abc import Iterator
from typing import Any, Final

from checks.evidence.control import Control, Fact, every, given, is_
from checks.findings import at
from checks.permissions.wildcards import ON_EVERYTHING
from checks.resolved import System
from checks.walk import inner, items
from description.model import System as Description

ECS_TASKS: Final = "ecs-tasks.amazonaws.com"
ROLE: Final = "AWS::IAM::Role"
ROTATION: Final = "AWS::SecretsManager::RotationSchedule"
TASK: Final = "AWS::ECS::TaskDefinition"


def _statements(system: System) -> Iterator[Fact]:
    """Yield each statement of each role's policies: it names its resources, or has an action that
    knows none.
    """
    for role in system.of_type(ROLE):
        for here, policy in items(role.properties.get("Policies"), ("Policies",)):
            found = inner(policy, "PolicyDocument", "Statement")
            for place, statement in items(found, (*here, "PolicyDocument", "Statement")):
                actions, resources = _texts(statement, "Action"), _texts(statement, "Resource")
                named = bool(resources) and "*" not in resources
                holds = named or (bool(resources) and actions <= ON_EVERYTHING.keys())
                yield Fact(role, at(place), statement, holds)


def _texts(statement: dict[str, Any], name: str) -> set[str]:
    value = statement.get(name, [])
    return set(map(str, value if isinstance(value, list) else [value]))


def _by_reference(value: Any) -> bool:
    return ":secretsmanager:" in str(value)


def _reads_secrets(system: Description) -> bool:
    return any(service.secrets for service in system.services.values())


def _rotates_secrets(system: Description) -> bool:
    return any(secret.rotation for secret in system.secrets.values())


CONTROLS: Final = (
    Control(
        "7.2.1",
        "There is a model of who may have access to what.",
        "Each service has a role that starts its tasks and a role for its code; only ECS tasks of "
        "this account assume them.",
        ("E9153", "E9600", "E9601", "E9603", "E9606", "E9713", "E9715"),
        (
            every(TASK, "ExecutionRoleArn", given),
            every(TASK, "TaskRoleArn", given),
            every(ROLE, "AssumeRolePolicyDocument/Statement/*/Principal/Service", is_(ECS_TASKS)),
        ),
    ),
    Control(
        "7.2.5",
        "Accounts of applications and systems have the least privileges that they need.",
        "Each statement names its resources, but for actions that know none. What is declared "
        "needs all that is allowed, and nothing else is.",
        ("E9600", "E9601", "E9602", "E9604", "E9605"),
        (_statements,),
    ),
    Control(
        "8.6.2",
        "No password or key of an application is written in code, configuration or scripts.",
        "Tasks name secrets and their JSON keys; ECS puts the values into the container when it "
        "starts.",
        ("E9121", "E9151", "E9761", "E9762"),
        (every(TASK, "ContainerDefinitions/*/Secrets/*/ValueFrom", _by_reference),),
        _reads_secrets,
        "No service reads a secret.",
    ),
    Control(
        "8.6.3",
        "Passwords of applications and systems are changed periodically.",
        "A function replaces a secret's values as often as the description says, where it names "
        "one; the values of other secrets are changed by people.",
        ("E9765",),
        (
            every(ROTATION, "RotationLambdaARN", given),
            every(ROTATION, "RotationRules/AutomaticallyAfterDays", given),
        ),
        _rotates_secrets,
        "No secret names a function that rotates it: people change the values, and the templates "
        "cannot show that they do.",
    ),
)
