"""The areas that defects are counted by."""

from checks.rendering import Path

BY_TYPE = {
    "AWS::ApplicationAutoScaling": "ecs",
    "AWS::CloudFormation": "nesting",
    "AWS::CloudWatch": "monitoring",
    "AWS::EC2": "network",
    "AWS::EC2::FlowLog": "monitoring",
    "AWS::ECR": "data",
    "AWS::ECS": "ecs",
    "AWS::ElasticLoadBalancingV2": "edge",
    "AWS::IAM": "iam",
    "AWS::KMS": "data",
    "AWS::Logs": "monitoring",
    "AWS::S3": "data",
    "AWS::SNS": "monitoring",
    "AWS::SecretsManager": "data",
    "AWS::ServiceDiscovery": "ecs",
    "AWS::WAFv2": "edge",
}
"""Type, or the beginning of one, to area."""

AREAS = ("network", "edge", "ecs", "iam", "data", "nesting", "monitoring", "other")

POLICIES = frozenset(
    {
        "AssumeRolePolicyDocument",
        "KeyPolicy",
        "PolicyDocument",
        "RepositoryPolicyText",
        "ResourcePolicy",
    }
)
"""Properties that hold a policy, which is the area ``iam`` wherever it is."""


def area(kind: str, path: Path) -> str:
    """Return the area of a place in a resource of type ``kind``; none is outside resources."""
    if POLICIES & set(path):
        return "iam"
    if not kind:
        return "nesting"
    return BY_TYPE.get(kind) or BY_TYPE.get(kind.rpartition("::")[0], "other")
