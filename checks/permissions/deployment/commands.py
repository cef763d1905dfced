"""What the commands of ``./deploy.sh`` call, for what, and who may.

A test compares this with what the commands call, in both directions.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Grant(StrEnum):
    """Whose policy has a need."""

    ALL = "person and pipeline"
    PERSON = "person"
    EMPTYING = "whoever empties buckets of logs"


@dataclass(frozen=True)
class Need:
    """Something that commands do, and the rights that it takes."""

    what: str
    commands: tuple[str, ...]
    calls: tuple[str, ...]
    """What they call: the service as IAM names it, and the operation."""
    beside: tuple[str, ...] = ()
    """Actions that AWS asks about though nobody calls them."""
    grant: Grant = Grant.ALL
    why: str = ""
    """Why a pipeline may not, and what it sees instead."""

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that IAM is asked about."""
        found = (action for call in self.calls for action in actions_of(call))
        return tuple(sorted({*found, *self.beside}))


RENAMED: Final = {
    "s3:DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "secretsmanager:BatchGetSecretValue": (
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
    ),
    "sts:GetCallerIdentity": (),
}
"""Calls whose action has another name, or that need several, or none.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Secrets Manager
API Reference, BatchGetSecretValue; AWS STS API Reference, GetCallerIdentity: no permission.
"""

CHECKED: Final = ("check", "deploy", "plan", "restart", "rollback")
CHANGING: Final = ("deploy", "plan", "restart", "rollback")
CARRYING_OUT: Final = ("deploy", "restart", "rollback")
ABOUT_A_STACK: Final = (
    "check", "deploy", "destroy", "diff", "doctor", "drift", "images", "outputs", "plan",
    "restart", "rollback",
)  # fmt: skip

PIPELINE: Final = (
    "build --upload", "check", "deploy", "diff", "doctor", "drift", "images", "outputs", "plan",
    "restart", "rollback",
)  # fmt: skip
"""The commands that a pipeline runs."""

NEEDS: Final = (
    Need(
        "know whose credentials these are",
        (
            "bootstrap",
            "build --upload",
            "check",
            "deploy",
            "destroy",
            "diff",
            "doctor",
            "images",
            "plan",
            "restart",
            "rollback",
        ),
        ("sts:GetCallerIdentity",),
    ),
    Need("find the stack", ABOUT_A_STACK, ("cloudformation:DescribeStacks",)),
    Need(
        "see what is in it",
        ("check", "deploy", "destroy", "diff", "doctor", "drift", "plan", "restart", "rollback"),
        ("cloudformation:ListStackResources",),
    ),
    Need(
        "read the templates that it has",
        ("check", "deploy", "destroy", "diff", "plan", "restart", "rollback"),
        ("cloudformation:GetTemplate",),
    ),
    Need("find the bucket", ("bootstrap", *CHECKED), ("s3:HeadBucket",)),
    Need(
        "send templates",
        ("build --upload", "deploy", "plan"),
        ("s3:ListObjectsV2", "s3:PutObject"),
    ),
    Need(
        "make a change set, and read what it would do",
        CHANGING,
        (
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeEvents",
        ),
        # CloudFormation reads templates and parameters, and takes a role, for whoever asks.
        beside=("iam:PassRole", "s3:GetObject", "ssm:GetParameters"),
    ),
    Need("carry it out", CARRYING_OUT, ("cloudformation:ExecuteChangeSet",)),
    Need(
        "watch what CloudFormation does",
        (*CARRYING_OUT, "destroy"),
        ("cloudformation:DescribeStackEvents",),
    ),
    Need("record a deployment", CARRYING_OUT, ("s3:PutObject",)),
    Need("read the templates of nested stacks", ("restart", "rollback"), ("s3:GetObject",)),
    Need("read the records", ("rollback",), ("s3:GetObject", "s3:ListObjectsV2")),
    Need(
        "look up the certificate",
        CHECKED,
        ("acm:DescribeCertificate", "ssm:GetParameters"),
    ),
    Need("look for the role of ECS", CHECKED, ("iam:ListRoles",)),
    Need(
        "make the role of ECS",
        ("deploy", "rollback"),
        ("iam:CreateServiceLinkedRole",),
        grant=Grant.PERSON,
        why="CloudFormation's role may; `deploy` says so and goes on",
    ),
    Need(
        "compare with quotas",
        CHECKED,
        (
            "ec2:DescribeAddresses",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeLoadBalancers",
            "servicequotas:GetAWSDefaultServiceQuota",
            "servicequotas:GetServiceQuota",
        ),
    ),
    Need(
        "look at the region's zones",
        ("check", "deploy", "plan"),
        ("ec2:DescribeAvailabilityZones",),
    ),
    Need(
        "look for names that are taken",
        CHECKED,
        ("ecr:DescribeRepositories", "logs:DescribeLogGroups", "secretsmanager:ListSecrets"),
    ),
    Need(
        "look for images",
        (*CHECKED, "doctor", "images"),
        ("ecr:DescribeImages",),
    ),
    Need("see whether images expire", CHECKED, ("ecr:GetLifecyclePolicy",)),
    Need(
        "push images",
        ("images",),
        ("ecr:GetAuthorizationToken",),
        # What docker asks for (Amazon ECR User Guide, "IAM permissions for pushing an image").
        beside=(
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ),
    ),
    Need(
        "see which keys secrets have",
        (*CHECKED, "doctor", "secrets"),
        ("secretsmanager:BatchGetSecretValue",),
        beside=("kms:Decrypt",),
        grant=Grant.PERSON,
        why="who sees keys sees values; `check` and `doctor` say `unknown` of secrets",
    ),
    Need(
        "set values of secrets",
        ("secrets",),
        ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
        beside=("kms:Decrypt", "kms:GenerateDataKey"),
        grant=Grant.PERSON,
        why="values come from people",
    ),
    Need("see whether secrets have changed", ("restart",), ("secretsmanager:DescribeSecret",)),
    Need(
        "protect production from deletion",
        ("deploy",),
        ("cloudformation:UpdateTerminationProtection",),
        grant=Grant.PERSON,
        why="the same right takes protection away; `deploy` says what a person has to do",
    ),
    Need(
        "bring back what ran before an update or a rollback that stopped half way",
        ("rollback",),
        ("cloudformation:ContinueUpdateRollback", "cloudformation:RollbackStack"),
        grant=Grant.PERSON,
        why="a person has to mend first what stopped it",
    ),
    Need(
        "keep what production must not lose",
        ("deploy", "rollback"),
        ("cloudformation:SetStackPolicy", "cloudformation:GetStackPolicy"),
        grant=Grant.PERSON,
        why="the same right takes the policy away; the next deployment by a person sets it",
    ),
    Need(
        "delete a stack",
        ("deploy", "destroy"),
        ("cloudformation:DeleteStack", "cloudformation:ListChangeSets"),
        grant=Grant.PERSON,
        why="what failed before is removed by a person, with `destroy`",
    ),
    Need(
        "take the protection of a load balancer away, where a stack can only be deleted",
        ("destroy",),
        (
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
        ),
        grant=Grant.PERSON,
        why="it deletes no stack",
    ),
    Need(
        "look for what others have put into the VPC that goes",
        ("destroy",),
        ("ec2:DescribeSecurityGroups", "ec2:DescribeVpcEndpoints"),
        grant=Grant.PERSON,
        why="it deletes no stack",
    ),
    Need(
        "remove what GuardDuty has put there",
        ("destroy",),
        ("ec2:DeleteSecurityGroup", "ec2:DeleteVpcEndpoints"),
        grant=Grant.PERSON,
        why="it deletes no stack",
    ),
    Need(
        "empty the bucket of logs, where it goes",
        ("destroy",),
        ("s3:DeleteObjects", "s3:ListObjectVersions"),
        grant=Grant.EMPTYING,
        why="logs are the audit trail",
    ),
    Need(
        "look at services and tasks",
        ("doctor",),
        (
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:DescribeLogStreams",
        ),
    ),
    Need(
        "look at scaling",
        ("doctor",),
        (
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingActivities",
            "application-autoscaling:DescribeScalingPolicies",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
        ),
    ),
    Need(
        "look at the ways to services",
        ("doctor",),
        (
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeVpcAttribute",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "servicediscovery:GetNamespace",
            "servicediscovery:ListInstances",
        ),
    ),
    Need(
        "take instances that no task is behind out of Cloud Map",
        ("destroy",),
        (
            "servicediscovery:DeregisterInstance",
            "servicediscovery:GetOperation",
            "servicediscovery:ListInstances",
        ),
        # AWS Cloud Map Developer Guide, "Actions, resources, and condition keys": Cloud Map changes
        # the records of the namespace as whoever asks.
        beside=("route53:ChangeResourceRecordSets",),
        grant=Grant.PERSON,
        why="only who may destroy needs it",
    ),
    Need(
        "look for drift",
        ("drift",),
        (
            "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudformation:DescribeStackResourceDrifts",
            "cloudformation:DetectStackDrift",
        ),
        # CloudFormation User Guide, "Detect unmanaged configuration changes to stacks and resources
        # with drift detection". It reads the resources with the stack's role.
        beside=(
            "cloudformation:BatchDescribeTypeConfigurations",
            "cloudformation:DetectStackResourceDrift",
        ),
    ),
    Need(
        "make and mend the bucket",
        ("bootstrap",),
        (
            "s3:CreateBucket",
            "s3:GetBucketEncryption",
            "s3:GetBucketLifecycleConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketVersioning",
            "s3:GetPublicAccessBlock",
            "s3:PutBucketEncryption",
            "s3:PutBucketLifecycleConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketVersioning",
            "s3:PutPublicAccessBlock",
        ),
        grant=Grant.PERSON,
        why="once for an account",
    ),
)
"""Every call of every command, and what it is for."""


def actions_of(call: str) -> tuple[str, ...]:
    """Return the actions that IAM asks about for a call."""
    return RENAMED.get(call, (call,))


def granted(*grants: Grant) -> tuple[Need, ...]:
    """Return the needs that are in the policies of ``grants``."""
    return tuple(need for need in NEEDS if need.grant in grants)
