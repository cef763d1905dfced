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
    Bool,
    BoolIfExists,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import AccountId, AWSHelperFn, Join, Partition, Region, Sub, URLSuffix, iam

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
    and for nothing else. The resource ``*`` is the key that the policy belongs to.

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


def encrypt_alarms() -> Statement:
    """Let alarms of this account and region encrypt what they tell the topic whose key this is. The
    resource ``*`` is the key that the policy belongs to.

    Source: SNS Developer Guide, "Enable compatibility between event sources from AWS services and
    encrypted topics".
    """
    return statement(
        "EncryptAlarms",
        [awacs.kms.Decrypt, Action("kms", "GenerateDataKey*")],
        ["*"],
        Principal=Principal("Service", "cloudwatch.amazonaws.com"),
        Condition=_from_our(arn("cloudwatch", "alarm:*")),
    )


def publish_alarms(topic_arn: AWSHelperFn) -> Statement:
    """Let alarms of this account and region publish to a topic.

    Source: SNS Developer Guide, "Example cases for Amazon SNS access control", CloudWatch alarms.
    """
    return statement(
        "PublishAlarms",
        [awacs.sns.Publish],
        [topic_arn],
        Principal=Principal("Service", "cloudwatch.amazonaws.com"),
        Condition=_from_our(arn("cloudwatch", "alarm:*")),
    )


def refuse_to_publish_in_clear_text(topic_arn: AWSHelperFn) -> Statement:
    """Let nobody publish to a topic but by TLS."""
    return Statement(
        Sid="RefuseClearText",
        Effect=Deny,
        Action=[awacs.sns.Publish],
        Resource=[topic_arn],
        Principal=Principal("*"),
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )


def deliver_to_log_group(log_group_arn: AWSHelperFn) -> Statement:
    """Let AWS deliver logs of this account and region to one log group, whose ``Arn`` ends with
    ``:*``.

    Source: CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs".
    """
    return statement(
        "DeliverLogs",
        [awacs.logs.CreateLogStream, awacs.logs.PutLogEvents],
        [log_group_arn],
        Principal=Principal("Service", "delivery.logs.amazonaws.com"),
        Condition=_from_our(arn("logs", "*")),
    )


def refuse_clear_text_to_bucket(bucket_arn: AWSHelperFn) -> Statement:
    """Let nobody use a bucket but by TLS. Its version needs no word: S3 takes 1.2 and newer only.

    Source: S3 User Guide, "Security best practices for Amazon S3".
    """
    return Statement(
        Sid="RefuseClearText",
        Effect=Deny,
        Action=[Action("s3", "*")],
        Resource=[bucket_arn, Join("", [bucket_arn, "/*"])],
        Principal=Principal("*"),
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )


def deliver_load_balancer_logs(bucket_arn: AWSHelperFn, *prefixes: str) -> Statement:
    """Let load balancers of this account and region write their logs below ``prefixes``. The ARN
    of the source holds the account: the guide knows no further condition for this service.

    Source: Elastic Load Balancing, "Enable access logs for your Application Load Balancer".
    """
    return statement(
        "DeliverLoadBalancerLogs",
        [awacs.s3.PutObject],
        [_folder(bucket_arn, prefix) for prefix in prefixes],
        Principal=Principal("Service", "logdelivery.elasticloadbalancing.amazonaws.com"),
        Condition=Condition(
            ArnLike("aws:SourceArn", arn("elasticloadbalancing", "loadbalancer/*"))
        ),
    )


def deliver_flow_logs(bucket_arn: AWSHelperFn, prefix: str) -> Statement:
    """Let flow logs of this account and region write below ``prefix``. EC2 looks for this Sid.

    Source: Amazon VPC User Guide, "Amazon S3 bucket permissions for flow logs".
    """
    return statement(
        "AWSLogDeliveryWrite",
        [awacs.s3.PutObject],
        [_folder(bucket_arn, prefix)],
        Principal=Principal("Service", "delivery.logs.amazonaws.com"),
        Condition=Condition(
            [
                StringEquals(
                    {
                        "aws:SourceAccount": AccountId,
                        "s3:x-amz-acl": "bucket-owner-full-control",
                    }
                ),
                ArnLike("aws:SourceArn", arn("logs", "*")),
            ]
        ),
    )


def inspect_bucket_of_flow_logs(bucket_arn: AWSHelperFn) -> Statement:
    """Let the delivery of flow logs see whose the bucket is. EC2 looks for this Sid.

    Source: Amazon VPC User Guide, "Amazon S3 bucket permissions for flow logs".
    """
    return statement(
        "AWSLogDeliveryAclCheck",
        [awacs.s3.GetBucketAcl, awacs.s3.ListBucket],
        [bucket_arn],
        Principal=Principal("Service", "delivery.logs.amazonaws.com"),
        Condition=_from_our(arn("logs", "*")),
    )


def _folder(bucket_arn: AWSHelperFn, prefix: str) -> Sub:
    """Return the objects below ``prefix`` in which AWS puts logs of this account."""
    return sub(bucket_arn, f"/{prefix}/AWSLogs/", AccountId, "/*")


def _from_our(source_arn: AWSHelperFn) -> Condition:
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
                Condition=_from_our(arn("ecs", "*")),
            )
        ),
    )
    if allowed:
        role.Policies = [iam.Policy(PolicyName=title, PolicyDocument=policy(*allowed))]
    return role
