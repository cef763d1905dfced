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

from checks.permissions.deployment.scopes import forms, knows_resources, own_secrets
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

NAMED: Final = 30
"""Secrets that a statement names, so that it fits into a managed policy."""

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
        yield iam.statement("ActionsWithoutResources", _actions(whole), ["*"])
    for service in sorted({one.partition(":")[0] for one in plain - whole}):
        yield iam.statement(
            _sid(service),
            _actions(one for one in plain - whole if one.startswith(f"{service}:")),
            _arns(service, system),
        )
    yield from _under_conditions(system, wanted)
    if "secretsmanager:GetSecretValue" in wanted:
        yield from _read_values(system)


def _read_values(system: System) -> Iterator[Statement]:
    """Yield what reads the values of this system's secrets, by their names: another system's may
    have the same prefix. The schema of secrets asks for it to read and to update one.
    """
    arns = [iam.arn("secretsmanager", one) for one in own_secrets(system)]
    for start in range(0, len(arns), NAMED):
        yield iam.statement(
            f"ReadSecretsFrom{start}",
            _actions(["secretsmanager:GetSecretValue"]),
            arns[start : start + NAMED],
        )


def _under_conditions(system: System, wanted: set[str]) -> Iterator[Statement]:
    if "iam:PassRole" in wanted:
        yield _under(
            "GiveRolesToTasksOnly",
            ["iam:PassRole"],
            _arns("iam", system),
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
            _arns("kms", system),
            Bool("kms:GrantIsForAWSResource", "true"),
        )
    if "kms:GenerateDataKey" in wanted:
        yield _under(
            "EncryptSecrets",
            ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            _arns("kms", system),
            StringLike("kms:ViaService", "secretsmanager.*"),
        )


def read_templates(system: System, bucket: AWSHelperFn, prefix: str) -> Statement:
    """Read the system's templates."""
    return iam.statement(
        "ReadTemplates",
        _actions(["s3:GetObject"]),
        [_objects(bucket, f"{prefix}/{system.name}")],
    )


def deployment(
    system: System, bucket: AWSHelperFn, prefix: str, role_arn: AWSHelperFn
) -> Iterator[Statement]:
    """Yield what lets people and pipelines run ``./deploy.sh`` for ``system`` with the execution
    role: no right to any of its resources.
    """
    yield iam.statement("DeployStacks", _actions(DEPLOYING), _arns("cloudformation", system))
    records = f"{prefix}/{RECORDS}/{system.name}-*"
    yield iam.statement(
        "KeepTemplates",
        _actions(["s3:GetObject", "s3:PutObject"]),
        [_objects(bucket, f"{prefix}/{system.name}"), _objects(bucket, records)],
    )
    yield iam.statement(
        "ListTemplates", _actions(["s3:ListBucket"]), [sub("arn:", Partition, ":s3:::", bucket)]
    )
    yield iam.statement("ReadParameters", _actions(["ssm:GetParameters"]), _arns("ssm", system))
    yield _under(
        "GiveRoleToCloudFormationOnly",
        ["iam:PassRole"],
        [role_arn],
        StringEquals("iam:PassedToService", "cloudformation.amazonaws.com"),
    )


DEPLOYING: Final = tuple(
    f"cloudformation:{name}"
    for name in (
        "CreateChangeSet",
        "DeleteChangeSet",
        "DeleteStack",
        "DescribeChangeSet",
        "DescribeEvents",
        "DescribeStackEvents",
        "DescribeStacks",
        "ExecuteChangeSet",
        "GetTemplate",
        "ListChangeSets",
        "ListStackResources",
    )
)
"""What ``delivery`` calls."""


def _under(
    sid: str, actions: Iterable[str], resources: Iterable[object], condition: ConditionElement
) -> Statement:
    return iam.statement(sid, _actions(actions), resources, Condition=Condition(condition))


def _actions(names: Iterable[str]) -> list[Action]:
    return [Action(*name.split(":")) for name in sorted(names)]


def _arns(service: str, system: System) -> list[object]:
    """Return the ARNs of a service's resources; a form may name another service's."""
    return [_arn(service, one) for one in sorted(forms(service, system))]


def _arn(service: str, form: str) -> object:
    owner, found, rest = form.partition("@")
    if found:
        return _arn(owner, rest)
    if service in GLOBAL:
        return sub("arn:", Partition, f":{service}::", GLOBAL[service], f":{form}")
    return iam.arn(service, form)


def _objects(bucket: AWSHelperFn, folder: str) -> AWSHelperFn:
    """Return the objects of a bucket below a folder."""
    return sub("arn:", Partition, ":s3:::", bucket, f"/{folder}/*")


def _sid(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("-"))
