"""What KMS keys must allow: to their account, and to the services that encrypt with them.

Sources: KMS Developer Guide, "Default key policy"; CloudWatch Logs User Guide, "Encrypt log data in
CloudWatch Logs using KMS"; Amazon ECR User Guide, "Encryption at rest".
"""

from collections.abc import Iterator
from typing import Final

from checks.permissions.needs import STRANGER, Need
from checks.permissions.patterns import matches
from checks.permissions.policies import KEY, CannotFollowError
from checks.permissions.tasks import LOG_GROUP
from checks.permissions.wildcards import THE_KEY_ITSELF
from checks.resolved import Resource, System
from description.model import System as Description

ADMINISTER: Final = (
    "kms:CreateAlias",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)
"""Some of what an account does with its keys."""

REPOSITORY: Final = "AWS::ECR::Repository"

LOGS_CALL: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What CloudWatch Logs does with the key of a log group."""


def needs(system: System, described: Description) -> Iterator[Need]:
    """Yield who uses the keys of ``system``. Raises ``CannotFollowError``."""
    for key in system.of_type(KEY):
        root = f"arn:{system.place.partition}:iam::{system.place.account}:root"
        for action in ADMINISTER:
            reason = "the account administers its key"
            yield Need(root, action, system.arns[key.address], reason, key, THE_KEY_ITSELF)
        yield _grant(system, key, root)
    for group in system.of_type(LOG_GROUP):
        yield from _of_group(system, described, group)
    for repository in system.of_type(REPOSITORY):
        yield from _of_repository(system, repository)


def _grant(system: System, key: Resource, root: str) -> Need:
    """Return that the account grants the use of a key to services that ask for it, and to nobody
    else: a grant is a right that no policy shows.
    """
    return Need(
        root,
        "kms:CreateGrant",
        system.arns[key.address],
        "the account lets services have grants",
        key,
        THE_KEY_ITSELF,
        context={"kms:grantisforawsresource": "true", "aws:principalisawsservice": "false"},
        strange={"kms:grantisforawsresource": ("false",)},
    )


def _of_repository(system: System, repository: Resource) -> Iterator[Need]:
    """Yield that ECR asks for grants, in the name of whoever makes a repository.

    With them ECR encrypts and decrypts for those who push and pull.
    """
    encryption = repository.properties.get("EncryptionConfiguration", {})
    if "KmsKey" not in encryption:
        return
    key = system.find(KEY, encryption["KmsKey"])
    if key is None:
        message = "must be a key of this system"
        raise CannotFollowError(repository, message, "EncryptionConfiguration", "KmsKey")
    place = system.place
    context = {
        "kms:viaservice": f"ecr.{place.region}.amazonaws.com",
        "kms:grantisforawsresource": "true",
        "aws:principalisawsservice": "false",
    }
    root = f"arn:{place.partition}:iam::{place.account}:root"
    for action in ("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"):
        reason = f"ECR encrypts {repository.properties.get('RepositoryName')}"
        yield Need(root, action, system.arns[key.address], reason, key, THE_KEY_ITSELF, context)


def _of_group(system: System, described: Description, group: Resource) -> Iterator[Need]:
    """Yield that CloudWatch Logs encrypts a log group, if with a key of ours.

    Services come and go, so that the key's policy may be for all groups that are named as theirs.
    """
    if "KmsKeyId" not in group.properties:
        return
    key = system.find(KEY, group.properties["KmsKeyId"])
    if key is None:
        raise CannotFollowError(group, "must be a key of this system", "KmsKeyId")
    place = system.place
    logs = f"arn:{place.partition}:logs:{place.region}:"
    ours = f"{logs}{place.account}:log-group:"
    name = str(group.properties.get("LogGroupName"))
    every = f"/ecs/{described.name_prefix}-*-{system.parameters['EnvironmentSuffix']}"
    for action in LOGS_CALL:
        yield Need(
            who=f"logs.{place.region}.amazonaws.com",
            action=action,
            resource=system.arns[key.address],
            reason=f"CloudWatch Logs encrypts {name}",
            place=key,
            scope=THE_KEY_ITSELF,
            context={"kms:encryptioncontext:aws:logs:arn": f"{ours}{name}"},
            scopes={
                "kms:encryptioncontext:aws:logs:arn": (
                    f"{ours}{every if matches(every, name) else name}"
                )
            },
            strange={
                "kms:encryptioncontext:aws:logs:arn": (
                    f"{logs}{STRANGER}:log-group:{name}",
                    f"{ours}/stranger",
                    f"{ours}{name}".replace(place.region, "elsewhere"),
                )
            },
        )
