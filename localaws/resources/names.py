"""Names that can be taken: AWS refuses a second resource, ministack overwrites the first one."""

from collections.abc import Callable, Iterable

from localaws import emulator
from localaws.emulator import Properties


def refuse_taken(resource_type: str, properties: Properties) -> None:
    """Raise ValueError if the name that a new resource asks for belongs to another one."""
    known = _KNOWN.get(resource_type)
    if known is None:
        return
    name_property, existing = known
    name = properties.get(name_property)
    if name and name in existing():
        raise ValueError(
            f"Resource of type '{resource_type}' with identifier '{name}' already exists."
        )


def _alias_names() -> list[str]:
    """Return the aliases of this account; ministack keeps them by ARN."""
    return [arn[arn.index("alias/") :] for arn in emulator.key_aliases]


_KNOWN: dict[str, tuple[str, Callable[[], Iterable[str]]]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", lambda: emulator.alarms),
    "AWS::ECR::Repository": ("RepositoryName", lambda: emulator.repositories),
    "AWS::ECS::Cluster": ("ClusterName", lambda: emulator.ecs_clusters),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "Name",
        lambda: [balancer["LoadBalancerName"] for balancer in emulator.load_balancers.values()],
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "Name",
        lambda: [group["TargetGroupName"] for group in emulator.target_groups.values()],
    ),
    "AWS::IAM::Role": ("RoleName", lambda: emulator.roles),
    "AWS::KMS::Alias": ("AliasName", _alias_names),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda: emulator.log_groups),
    "AWS::SNS::Topic": (
        "TopicName",
        lambda: [topic["name"] for topic in emulator.topics.values()],
    ),
    "AWS::SecretsManager::Secret": ("Name", lambda: emulator.secrets),
    "AWS::WAFv2::WebACL": (
        "Name",
        lambda: [acl["Name"] for acl in emulator.web_acls.values()],
    ),
}
