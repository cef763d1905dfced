"""The statements of the deployment policies."""

from collections.abc import Iterable, Iterator
from typing import Final

from awacs.aws import (
    Action,
    Bool,
    Condition,
    ConditionElement,
    Statement,
    StringEquals,
    StringLike,
)
from troposphere import AccountId, AWSHelperFn, Partition

from checks.permissions.deployment.scopes import UNNAMED, forms, knows_resources, own_secrets
from description.model import System
from templates import iam
from templates.text import sub

GLOBAL: Final = {"iam": AccountId, "route53": "", "s3": ""}
"""Services whose ARNs have no region, and the account in them."""

LINKED: Final = (
    "delivery.logs.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "wafv2.amazonaws.com",
)
"""Services that make a role of their own in an account that uses them for the first time.

Source: IAM User Guide, "AWS services that work with IAM", and each service's page on its
service-linked role.
"""

NAMED_BY_CLOUDFORMATION: Final = frozenset({"ecr:DescribeRepositories"})
"""Actions that AWS can narrow to what a call names, which CloudFormation's handlers do."""

RECORDS: Final = "deployments"
"""The folder beside the templates in which ``./deploy.sh`` remembers each deployment."""

APART: Final = frozenset(
    {
        "iam:CreateServiceLinkedRole",
        "iam:PassRole",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "secretsmanager:GetSecretValue",
    }
)
"""Actions that have a statement of their own."""


def execution(system: System, actions: Iterable[str]) -> Iterator[Statement]:
    """Yield what lets CloudFormation perform ``actions`` for ``system``: a statement for each
    service and its resources, one for actions that know none, those under conditions, and what
    reads the values of secrets.
    """
    wanted = set(actions)
    plain = wanted - APART
    whole = {one for one in plain if not knows_resources(one)}
    if whole:
        yield iam.statement("ActionsWithoutResources", to_actions(whole), ["*"])
    unnamed = plain & UNNAMED.keys() - NAMED_BY_CLOUDFORMATION
    for action in sorted(unnamed):
        service = action.partition(":")[0]
        yield iam.statement(
            f"{_sid(service)}Unnamed", to_actions([action]), [iam.arn(service, UNNAMED[action])]
        )
    plain -= unnamed
    for service in sorted({one.partition(":")[0] for one in plain - whole}):
        yield iam.statement(
            _sid(service),
            to_actions(one for one in plain - whole if one.startswith(f"{service}:")),
            arns(service, forms(service, system)),
        )
    yield from _under_conditions(system, wanted)
    if "secretsmanager:GetSecretValue" in wanted and system.secrets:
        yield _read_values(system)


def _read_values(system: System) -> Statement:
    """Read the values of this system's secrets, by their names: another system's may have the same
    prefix. The schema of secrets asks for it to read and to update one.
    """
    return iam.statement(
        "ReadSecrets",
        to_actions(["secretsmanager:GetSecretValue"]),
        [iam.arn("secretsmanager", one) for one in own_secrets(system)],
    )


def _under_conditions(system: System, wanted: set[str]) -> Iterator[Statement]:
    if "iam:PassRole" in wanted:
        yield _under(
            "GiveRolesToTasksOnly",
            ["iam:PassRole"],
            arns("iam", forms("iam", system)),
            StringEquals("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        )
    if "iam:CreateServiceLinkedRole" in wanted:
        yield _under(
            "MakeServiceLinkedRoles",
            ["iam:CreateServiceLinkedRole"],
            [sub("arn:", Partition, ":iam::", AccountId, ":role/aws-service-role/*")],
            StringEquals("iam:AWSServiceName", list(LINKED)),
        )
    if "kms:CreateGrant" in wanted:
        yield _under(
            "LetServicesAskForGrants",
            ["kms:CreateGrant"],
            arns("kms", forms("kms", system)),
            Bool("kms:GrantIsForAWSResource", "true"),
        )
    if "kms:GenerateDataKey" in wanted:
        yield _under(
            "EncryptSecrets",
            ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            arns("kms", forms("kms", system)),
            StringLike("kms:ViaService", "secretsmanager.*"),
        )


def read_templates(system: System, bucket: AWSHelperFn, prefix: str) -> Statement:
    """Read the system's templates."""
    return iam.statement(
        "ReadTemplates",
        to_actions(["s3:GetObject"]),
        [objects(bucket, f"{prefix}/{system.name}")],
    )


def _under(
    sid: str, actions: Iterable[str], resources: Iterable[object], condition: ConditionElement
) -> Statement:
    return iam.statement(sid, to_actions(actions), resources, Condition=Condition(condition))


def to_actions(names: Iterable[str]) -> list[Action]:
    """Return actions as awacs has them."""
    return [Action(*name.split(":")) for name in sorted(names)]


def arns(service: str, found: Iterable[str]) -> list[object]:
    """Return the ARNs of a service's resources; a form may name another service's."""
    return [_arn(service, one) for one in sorted(found)]


def role_of_service(service: str) -> AWSHelperFn:
    """Return the ARN of the roles that are linked to a service."""
    return sub("arn:", Partition, ":iam::", AccountId, f":role/aws-service-role/{service}/*")


def _arn(service: str, form: str) -> object:
    owner, found, rest = form.partition("@")
    if found:
        return _arn(owner, rest)
    if service in GLOBAL:
        return sub("arn:", Partition, f":{service}::", GLOBAL[service], f":{form}")
    return iam.arn(service, form)


def objects(bucket: AWSHelperFn, folder: str) -> AWSHelperFn:
    """Return the objects of a bucket below a folder."""
    return sub("arn:", Partition, ":s3:::", bucket, f"/{folder}/*")


def _sid(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("-"))
