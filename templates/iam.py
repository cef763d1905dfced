"""Permissions as sentences: each function returns one statement."""

from collections.abc import Iterable
from typing import Any, Final

import awacs.ecr
import awacs.kms
import awacs.logs
import awacs.s3
import awacs.secretsmanager
import awacs.sns
import awacs.sts
from awacs.aws import (
    Action,
    Allow,
    ArnLike,
    BoolIfExists,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import AccountId, AWSHelperFn, Partition, Region, Sub, URLSuffix, iam

from templates.text import sub

AUTHENTICATE: Final = (awacs.ecr.GetAuthorizationToken,)
PULL: Final = (
    awacs.ecr.BatchCheckLayerAvailability,
    awacs.ecr.BatchGetImage,
    awacs.ecr.GetDownloadUrlForLayer,
)
WRITE_LOGS: Final = (awacs.logs.CreateLogStream, awacs.logs.PutLogEvents)
READ_SECRETS: Final = (awacs.secretsmanager.GetSecretValue,)


def arn(service: str, *resource: object, account: object = AccountId) -> Sub:
    """Return the ARN of ``resource`` in this partition and region, by default in this account."""
    return sub("arn:", Partition, f":{service}:", Region, ":", account, ":", *resource)


def registry_host(account: object) -> Sub:
    """Return the host name of an account's ECR registry in this region."""
    return sub(account, ".dkr.ecr.", Region, ".", URLSuffix)


def statement(
    sid: str, actions: Iterable[Action], resources: Iterable[object], **more: Any
) -> Statement:
    """Return a statement that allows ``actions`` on ``resources``."""
    return Statement(Sid=sid, Effect=Allow, Action=list(actions), Resource=list(resources), **more)


def policy(*statements: Statement) -> PolicyDocument:
    """Return a policy document of the given statements."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def authenticate_to_ecr() -> Statement:
    """Get a registry token. ECR knows no resource for this action: it has to be ``*``.

    Source: Service Authorization Reference, Amazon ECR, GetAuthorizationToken.
    """
    return statement("AuthenticateToEcr", AUTHENTICATE, ["*"])


def pull_image(repository_arn: AWSHelperFn) -> Statement:
    """Pull images from one repository."""
    return statement("PullImage", PULL, [repository_arn])


def write_logs(log_group_arn: AWSHelperFn) -> Statement:
    """Write to the streams of one log group; its ``Arn`` attribute ends with ``:*``."""
    return statement("WriteLogs", WRITE_LOGS, [log_group_arn])


def read_secrets(secret_arns: Iterable[AWSHelperFn]) -> Statement:
    """Read the values of the given secrets."""
    return statement("ReadSecrets", READ_SECRETS, secret_arns)


def decrypt_secrets(key_arn: AWSHelperFn, secret_arns: Iterable[AWSHelperFn]) -> Statement:
    """Have Secrets Manager decrypt the given secrets, and nothing else, with their key.

    Source: Secrets Manager User Guide, "Secret encryption and decryption", on permissions and on
    the encryption context; KMS Developer Guide, "kms:ViaService".
    """
    return statement(
        "DecryptSecrets",
        [awacs.kms.Decrypt],
        [key_arn],
        Condition=Condition(
            StringEquals(
                {
                    "kms:EncryptionContext:SecretARN": list(secret_arns),
                    "kms:ViaService": sub("secretsmanager.", Region, ".amazonaws.com"),
                }
            )
        ),
    )


def act(sid: str, actions: Iterable[str], arns: Iterable[str], suffix: AWSHelperFn) -> Statement:
    """Perform ``actions`` on ``arns``, in which ``${EnvironmentSuffix}`` and pseudo parameters are
    filled in.
    """
    return statement(
        sid,
        [Action(*action.split(":")) for action in actions],
        [filled_in(text, suffix) for text in arns],
    )


def filled_in(text: str, suffix: AWSHelperFn) -> object:
    """Return ``text`` with a reference for each placeholder, and plain where it has none."""
    before, *after = text.split("${EnvironmentSuffix}")
    filled = sub(before, *(part for rest in after for part in (suffix, rest)))
    return filled if "${" in filled.data["Fn::Sub"] else text


def pull_layers() -> Statement:
    """Let anyone get image layers through an endpoint for S3: ECR itself signs these requests, and
    gives the address to those who may pull.

    Source: Amazon ECR User Guide, "Minimum Amazon S3 bucket permissions for Amazon ECR".
    """
    bucket = sub("arn:", Partition, ":s3:::prod-", Region, "-starport-layer-bucket/*")
    return statement("PullLayers", [awacs.s3.GetObject], [bucket], Principal=Principal("*"))


def by_this_account(sid: str, actions: Iterable[Action], resources: Iterable[object]) -> Statement:
    """Let this account's users and roles, and nobody else's credentials, perform ``actions`` on
    ``resources`` through an endpoint; what each of them may do, its own policies say.

    Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalAccount.
    """
    return statement(
        sid,
        actions,
        resources,
        Principal=Principal("*"),
        Condition=Condition(StringEquals("aws:PrincipalAccount", AccountId)),
    )


def administer_key() -> Statement:
    """Let this account's IAM policies govern the key. In a key policy the resource is ``*``: the
    key that the policy belongs to.

    Source: KMS Developer Guide, "Default key policy".
    """
    return statement(
        "AdministerKeyByIam",
        [Action("kms", "*")],
        ["*"],
        Principal=Principal("AWS", sub("arn:", Partition, ":iam::", AccountId, ":root")),
    )


def grant_to_services_only() -> Statement:
    """Let nobody grant others the use of the key, but for grants that an AWS service asks for, as
    ECR does for a repository. The resource ``*`` is the key that the policy belongs to.

    Source: KMS Developer Guide, "kms:GrantIsForAWSResource"; Control Tower, control CT.KMS.PR.3.
    """
    return Statement(
        Sid="GrantToServicesOnly",
        Effect=Deny,
        Action=[awacs.kms.CreateGrant],
        Resource=["*"],
        Principal=Principal("AWS", "*"),
        Condition=Condition(
            BoolIfExists(
                {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}
            )
        ),
    )


def encrypt_log_groups(*log_group_arns: AWSHelperFn) -> Statement:
    """Let CloudWatch Logs use the key for log groups whose ARN is like one of ``log_group_arns``,
    and for no others. The resource ``*`` is the key that the policy belongs to.

    Source: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using KMS".
    """
    return statement(
        "EncryptLogGroups",
        [
            Action("kms", "Encrypt*"),
            Action("kms", "Decrypt*"),
            Action("kms", "ReEncrypt*"),
            Action("kms", "GenerateDataKey*"),
            Action("kms", "Describe*"),
        ],
        ["*"],
        Principal=Principal("Service", sub("logs.", Region, ".", URLSuffix)),
        Condition=Condition(ArnLike("kms:EncryptionContext:aws:logs:arn", list(log_group_arns))),
    )


def for_ours(source_arn: AWSHelperFn) -> Condition:
    """Return the condition that a service acts for something of this account, and for nothing of
    another that asked it to (IAM User Guide, "The confused deputy problem").
    """
    return Condition(
        [StringEquals("aws:SourceAccount", AccountId), ArnLike("aws:SourceArn", source_arn)]
    )


def ecs_task_role(title: str, description: str, *allowed: Statement) -> iam.Role:
    """Return a role that only ECS tasks of this account and region assume, allowed the given
    statements and nothing else.

    Source: ECS Developer Guide, "Task IAM role", on the confused deputy problem.
    """
    role = iam.Role(
        title,
        Description=description,
        AssumeRolePolicyDocument=policy(
            Statement(
                Sid="AssumedByEcsTasks",
                Effect=Allow,
                Action=[awacs.sts.AssumeRole],
                Principal=Principal("Service", "ecs-tasks.amazonaws.com"),
                Condition=for_ours(arn("ecs", "*")),
            )
        ),
    )
    if allowed:
        role.Policies = [iam.Policy(PolicyName=title, PolicyDocument=policy(*allowed))]
    return role
