"""Permissions of the services of AWS that record and warn, as sentences: each function returns one
statement of the policy of a bucket, log group, topic or key.
"""

import awacs.kms
import awacs.logs
import awacs.s3
import awacs.sns
from awacs.aws import (
    Action,
    ArnLike,
    Bool,
    Condition,
    Deny,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import AccountId, AWSHelperFn, Join, Sub

from templates.iam import arn, for_ours, statement
from templates.text import sub


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
        Condition=for_ours(arn("cloudwatch", "alarm:*")),
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
        Condition=for_ours(arn("cloudwatch", "alarm:*")),
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
        Condition=for_ours(arn("logs", "*")),
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
        Condition=for_ours(arn("logs", "*")),
    )


def _folder(bucket_arn: AWSHelperFn, prefix: str) -> Sub:
    """Return the objects below ``prefix`` in which AWS puts logs of this account."""
    return sub(bucket_arn, f"/{prefix}/AWSLogs/", AccountId, "/*")
