"""What becomes of a resource when it is replaced or its stack is deleted."""

from typing import Literal, TypeVar

from troposphere import AWSObject

RemovalPolicy = Literal["retain", "destroy"]
Resource = TypeVar("Resource", bound=AWSObject)

_STATEFUL = frozenset(
    {
        "AWS::ECR::Repository",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SecretsManager::Secret",
    }
)
"""Types that hold what cannot be made again, or guard it."""


def keep(resource: Resource, removal_policy: RemovalPolicy) -> Resource:
    """Return ``resource``, a stateful one, with the policies that ``removal_policy`` stands for.

    ``retain`` keeps it when its stack goes or an update replaces it, and removes it only when its
    own creation is rolled back (``RetainExceptOnCreate``).

    Raises ``ValueError`` for a type that is not known to be stateful.
    """
    if resource.resource_type not in _STATEFUL:
        raise ValueError(f"{resource.resource_type} is not known to hold state")
    retained = removal_policy == "retain"
    resource.DeletionPolicy = "RetainExceptOnCreate" if retained else "Delete"
    resource.UpdateReplacePolicy = "Retain" if retained else "Delete"
    return resource
