"""Names tell systems and environments apart."""

from typing import Final

from checks.consistency.nest import (
    CLUSTER,
    LOG_GROUP,
    REPOSITORY,
    SECRET,
    SERVICE,
    TASK,
    Nest,
    text,
)
from checks.consistency.rule import Hit, Hits, rule
from checks.parameters import SUFFIX
from checks.resolved import Resource

NAMES: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::ECS::TaskDefinition": "Family",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::ServiceDiscovery::PrivateDnsNamespace": "Name",
    "AWS::ServiceDiscovery::Service": "Name",
}
"""Type to the property that holds a name, which no two of them may share; a service's within its
cluster."""

LOOKED_UP: Final = (CLUSTER, SERVICE, TASK, LOG_GROUP, REPOSITORY, SECRET)
"""Types that people and pipelines know by name."""


@rule("E9717")
def same_name_twice(nest: Nest) -> Hits:
    """Refuse two resources of one type with the same name: AWS makes the first of them only."""
    names: dict[tuple[str, str, str], Resource] = {}
    for kind, name in NAMES.items():
        for resource in nest.system.of_type(kind):
            found = text(resource.properties.get(name))
            within = text(resource.properties.get("Cluster")) or ""
            if found is None:
                continue
            other = names.setdefault((kind, within, found), resource)
            if other is not resource:
                yield Hit(resource, f"is also the name of {other.address}: {found}", (name,))


@rule("E9719")
def name_of_another_environment(nest: Nest) -> Hits:
    """Require that what people know by name begins as described and ends with the environment: two
    systems or environments in one account take each other's otherwise.
    """
    described = nest.described
    stems = {
        CLUSTER: {described.cluster_name or f"{described.name_prefix}-cluster"},
        SERVICE: set(described.services),
        SECRET: {f"{described.name_prefix}-{name}" for name in described.secrets},
    }
    of_services = {f"{described.name_prefix}-{name}" for name in described.services}
    suffix = nest.system.parameters.get(SUFFIX)
    for kind in LOOKED_UP:
        allowed = {f"{stem}-{suffix}" for stem in stems.get(kind, of_services)}
        for resource in nest.system.of_type(kind):
            found = text(resource.properties.get(NAMES[kind])) or "no name"
            if kind == LOG_GROUP and not found.startswith("/ecs/"):
                wrong = not found.endswith(f"-{suffix}")
            else:
                wrong = found.removeprefix("/ecs/") not in allowed
            if wrong:
                message = f"must be {' or '.join(sorted(allowed))}, found {found}"
                yield Hit(resource, message, (NAMES[kind],))
