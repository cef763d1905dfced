"""Log bucket: where AWS puts what it records of the network and the load balancer.

Logs of containers and of the web ACL are in CloudWatch Logs, where people search them while
something burns; these are larger, and for whoever asks later.
"""

from dataclasses import dataclass
from typing import Final

from troposphere import GetAtt, Ref, ec2, s3

from description.model import System
from description.surroundings import FORMER_DAYS
from templates import iam, recording
from templates.edges import StackTemplate
from templates.kinds import BucketName, Days, EnvironmentSuffix, VpcId
from templates.lifecycle import keep
from templates.names import named
from templates.text import sub

ACCESS_LOGS: Final = "load-balancer-access"
CONNECTION_LOGS: Final = "load-balancer-connections"
FLOW_LOGS: Final = "network-flows"

FLOW_FIELDS: Final = (
    # The default format, in its order: what reads flow logs knows these fields by their places.
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport",
    "protocol", "packets", "bytes", "start", "end", "action", "log-status",
    # Where it was, who began it, and the addresses behind load balancer and NAT gateway.
    "vpc-id", "subnet-id", "az-id", "flow-direction", "traffic-path", "tcp-flags",
    "pkt-srcaddr", "pkt-dstaddr", "pkt-src-aws-service", "pkt-dst-aws-service",
)  # fmt: skip
"""Fields of a flow log's record (Amazon VPC User Guide, "Flow log records").

Not the fields of ECS: they need a cluster, which is made long after the flow log, and rights of
whoever makes it to list clusters, services and tasks. CloudTrail says whose an interface was.
"""


@dataclass(frozen=True, kw_only=True)
class LogBucket:
    """What those who write to the bucket need of it."""

    name: BucketName
    policy: str
    """The logical id of what has to be there before Elastic Load Balancing tries to write."""


def add(
    system: System, t: StackTemplate, suffix: EnvironmentSuffix, days: Days, vpc_id: VpcId
) -> LogBucket:
    """Add the bucket, and the flow log of the VPC where the description wants one; what is written
    expires after ``days``.
    """
    bucket = t.add_resource(log_bucket(system, suffix, days))
    policy = t.add_resource(bucket_policy(system, bucket))
    if system.network.flow_logs:
        t.add_resource(flow_log(system, suffix, vpc_id, bucket, policy))
    return LogBucket(name=BucketName(Ref(bucket)), policy=str(policy.title))


def log_bucket(system: System, suffix: EnvironmentSuffix, days: Days) -> s3.Bucket:
    """Return the bucket. CloudFormation names it: a name in S3 is one for all the world.

    Its key is S3's own, as load balancers write to no other (Elastic Load Balancing, "Enable access
    logs for your Application Load Balancer"). What is overwritten or deleted stays as a former
    version for ``FORMER_DAYS``. An expired object becomes one too, and goes that much later
    (Amazon S3 User Guide, "How S3 calculates how long an object has been noncurrent").
    """
    bucket = s3.Bucket(
        "LogBucket",
        BucketEncryption=s3.BucketEncryption(
            ServerSideEncryptionConfiguration=[
                s3.ServerSideEncryptionRule(
                    ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(
                        SSEAlgorithm="AES256"
                    )
                )
            ]
        ),
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
        OwnershipControls=s3.OwnershipControls(
            Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
        ),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True,
            BlockPublicPolicy=True,
            IgnorePublicAcls=True,
            RestrictPublicBuckets=True,
        ),
        LifecycleConfiguration=s3.LifecycleConfiguration(
            Rules=[
                s3.LifecycleRule(
                    Id="ExpireLogs",
                    Status="Enabled",
                    ExpirationInDays=days,
                    NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(
                        NoncurrentDays=FORMER_DAYS
                    ),
                    AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(
                        DaysAfterInitiation=1
                    ),
                )
            ]
        ),
        Tags=named(f"{system.name_prefix}-logs", suffix),
    )
    return keep(bucket, system.removal_policy)


def bucket_policy(system: System, bucket: s3.Bucket) -> s3.BucketPolicy:
    """Return who may write: the services that deliver logs, each below its own prefixes, for this
    account. The policy stays where its bucket does.
    """
    arn = GetAtt(bucket, "Arn")
    allowed = []
    if system.keeps_access_logs:
        allowed.append(recording.deliver_load_balancer_logs(arn, ACCESS_LOGS, CONNECTION_LOGS))
    if system.network.flow_logs:
        allowed += [
            recording.deliver_flow_logs(arn, FLOW_LOGS),
            recording.inspect_bucket_of_flow_logs(arn),
        ]
    policy = s3.BucketPolicy(
        "LogBucketPolicy",
        Bucket=Ref(bucket),
        PolicyDocument=iam.policy(recording.refuse_clear_text_to_bucket(arn), *allowed),
    )
    return keep(policy, system.removal_policy)


def flow_log(
    system: System,
    suffix: EnvironmentSuffix,
    vpc_id: VpcId,
    bucket: s3.Bucket,
    policy: s3.BucketPolicy,
) -> ec2.FlowLog:
    """Return the record of all traffic of the VPC, accepted and refused, minute by minute.

    Plain text in folders by date, as the load balancer's logs: one tool reads all, and Athena
    projects partitions from dates without Hive's names for them. EC2 writes statements of its own
    into a policy that lacks them: ours has to be there before.
    """
    return ec2.FlowLog(
        "FlowLog",
        ResourceType="VPC",
        ResourceId=vpc_id,
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=sub(GetAtt(bucket, "Arn"), f"/{FLOW_LOGS}/"),
        LogFormat=" ".join(f"${{{field}}}" for field in FLOW_FIELDS),
        MaxAggregationInterval=60,
        Tags=named(f"{system.name_prefix}-flows", suffix),
        DependsOn=policy.title,
    )
