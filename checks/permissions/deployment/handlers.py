"""What CloudFormation calls for each type of resource.

It is what the types' schemas, which come with cfn-lint, say of their handlers. What AWS documents
elsewhere is added.
"""

from collections.abc import Iterable
from typing import Final

from checks.permissions.deployment.left_out import is_left_out
from checks.rendering import STACK
from checks.schemas import schema

HANDLERS: Final = ("create", "read", "update", "delete")

UNSAID: Final = {
    # Who changes the key of a secret needs both. Without kms:Encrypt the values stay under the
    # former key, and nobody is told (Secrets Manager API Reference, UpdateSecret, KmsKeyId).
    "AWS::SecretsManager::Secret": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
    # Fn::GetAZs asks as whoever deploys (CloudFormation Template Reference, "Fn::GetAZs").
    "AWS::EC2::Subnet": (
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeSubnets",
    ),
    # Cloud Map deletes the zone of a namespace for whoever deletes the namespace (AWS managed
    # policy AWSCloudMapFullAccess).
    "AWS::ServiceDiscovery::PrivateDnsNamespace": ("route53:DeleteHostedZone",),
    # An endpoint with private names is a zone of its VPC (AWS managed policy AmazonVPCFullAccess).
    "AWS::EC2::VPCEndpoint": ("route53:AssociateVPCWithHostedZone",),
    # The nested stacks are the parent's; they read the account's parameters in its name.
    STACK: (
        "cloudformation:CreateChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:UpdateStack",
        "ssm:GetParameters",
    ),
}
"""Type to what its schema does not say."""


def called(types: Iterable[str]) -> set[str]:
    """Return what CloudFormation calls to make, read, change and delete resources of ``types``.

    Raises ``LookupError`` for a type of which that is not known.
    """
    found: set[str] = set()
    for one in set(types):
        found.update(UNSAID.get(one, ()))
        if one != STACK:
            found.update(action for action in _said(one) if not is_left_out(action, one))
    return found


def called_by(kind: str, handler: str) -> set[str]:
    """Return what one of the ``HANDLERS`` of a type calls."""
    found = (
        set() if kind == STACK else set(schema(kind)["handlers"].get(handler, {})["permissions"])
    )
    return {action for action in found if not is_left_out(action, kind)}


def _said(kind: str) -> set[str]:
    handlers = schema(kind).get("handlers")
    if not handlers:
        raise LookupError(f"the schema of {kind} does not say what its handlers call")
    return {action for name in HANDLERS for action in handlers.get(name, {}).get("permissions", [])}
