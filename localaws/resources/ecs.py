"""AWS::ECS::*: everything goes through ECS's own API, so that nothing of a definition is lost."""

from typing import Any

from localaws import emulator
from localaws.api import call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import is_true, parameters_of


def _generated_name(stack: str, logical_id: str) -> str:
    return emulator.physical_name(stack, logical_id, max_len=255)


def _create_associations(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    call(
        "ecs",
        "PutClusterCapacityProviders",
        **parameters_of("ecs", "PutClusterCapacityProviders", properties),
    )
    return str(properties["Cluster"]), {}


def _update_associations(
    _cluster: str, _old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    return _create_associations(logical_id, new, stack)


def _delete_associations(cluster: str, _properties: Properties) -> None:
    found = call("ecs", "DescribeClusters", clusters=[cluster])["clusters"]
    if found:
        call(
            "ecs",
            "PutClusterCapacityProviders",
            cluster=cluster,
            capacityProviders=[],
            defaultCapacityProviderStrategy=[],
        )


def _create_task_definition(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    family = properties.get("Family") or _generated_name(stack, logical_id)
    request = parameters_of("ecs", "RegisterTaskDefinition", {**properties, "Family": family})
    arn = call("ecs", "RegisterTaskDefinition", **request)["taskDefinition"]["taskDefinitionArn"]
    return arn, {"TaskDefinitionArn": arn}


def _update_task_definition(
    arn: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    _retag(arn, old, new)
    return arn, {"TaskDefinitionArn": arn}


def _create_service(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    name = properties.get("ServiceName") or _generated_name(stack, logical_id)
    known = {key: value for key, value in properties.items() if key != _FORCE}
    request = parameters_of("ecs", "CreateService", {**known, "ServiceName": name})
    answer = call("ecs", "CreateService", **request)["service"]
    _keep_what_is_forgotten(answer, request)
    return answer["serviceArn"], {"ServiceArn": answer["serviceArn"], "Name": name}


def _update_service(
    arn: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    name = arn.rsplit("/", 1)[-1]
    changed = {key: value for key, value in new.items() if value != old.get(key)}
    others = ("Tags", "LaunchType", _FORCE)
    wanted = {key: value for key, value in changed.items() if key not in others}
    dropped = {key: _DEFAULTS[key] for key in old.keys() - new.keys() if key in _DEFAULTS}
    request = parameters_of("ecs", "UpdateService", {**dropped, **wanted})
    request.update(cluster=new.get("Cluster", "default"), service=name)
    if is_true((changed.get(_FORCE) or {}).get("EnableForceNewDeployment", False)):
        request.update(forceNewDeployment=True)
    answer = call("ecs", "UpdateService", **request)["service"]
    _keep_what_is_forgotten(answer, request)
    _retag(arn, old, new)
    return arn, {"ServiceArn": arn, "Name": name}


_FORCE = "ForceNewDeployment"
"""Another nonce in it makes ECS deploy again, though nothing else changes (the type's schema)."""


# What an update sets that no longer has the property. CapacityProviderStrategy, LoadBalancers and
# ServiceRegistries are not here: the service keeps them until the template has an empty list, "To
# remove this property from your service resource, specify an empty ... array" (the type's schema).
_DEFAULTS: dict[str, Any] = {
    "DeploymentConfiguration": {
        "MaximumPercent": 200,
        "MinimumHealthyPercent": 100,
        "DeploymentCircuitBreaker": {"Enable": False, "Rollback": False},
    },
    "EnableECSManagedTags": False,
    "EnableExecuteCommand": False,
    "HealthCheckGracePeriodSeconds": 0,
    "PropagateTags": "NONE",
}
_FORGOTTEN = ("availabilityZoneRebalancing", "enableECSManagedTags", "propagateTags")
_FORGOTTEN_ON_UPDATE = ("serviceRegistries",)


def _keep_what_is_forgotten(answer: dict[str, Any], request: dict[str, Any]) -> None:
    """Write into ECS's record what its own calls accept and do not keep."""
    cluster = answer["clusterArn"].rsplit("/", 1)[-1]
    record = emulator.ecs_services[f"{cluster}/{answer['serviceName']}"]
    for name in (*_FORGOTTEN, *_FORGOTTEN_ON_UPDATE):
        if name in request:
            record[name] = request[name]


def _retag(arn: str, old: Properties, new: Properties) -> None:
    wanted = {tag["Key"]: tag["Value"] for tag in new.get("Tags") or []}
    dropped = [tag["Key"] for tag in old.get("Tags") or [] if tag["Key"] not in wanted]
    if dropped:
        call("ecs", "UntagResource", resourceArn=arn, tagKeys=dropped)
    if wanted:
        tags = [{"key": key, "value": value} for key, value in wanted.items()]
        call("ecs", "TagResource", resourceArn=arn, tags=tags)


TYPES = [
    ResourceType(
        "AWS::ECS::Cluster",
        """
        CapacityProviders ClusterName ClusterSettings.Name ClusterSettings.Value Configuration
        DefaultCapacityProviderStrategy.Base DefaultCapacityProviderStrategy.CapacityProvider
        DefaultCapacityProviderStrategy.Weight
        """,
    ),
    ResourceType(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        """
        CapacityProviders Cluster
        DefaultCapacityProviderStrategy.Base DefaultCapacityProviderStrategy.CapacityProvider
        DefaultCapacityProviderStrategy.Weight
        """,
        _create_associations,
        _update_associations,
        _delete_associations,
        tags="",
    ),
    ResourceType(
        "AWS::ECS::TaskDefinition",
        """
        ContainerDefinitions Cpu EphemeralStorage ExecutionRoleArn Family Memory NetworkMode
        RequiresCompatibilities RuntimePlatform TaskRoleArn Volumes
        """,
        _create_task_definition,
        _update_task_definition,
    ),
    ResourceType(
        "AWS::ECS::Service",
        """
        AvailabilityZoneRebalancing CapacityProviderStrategy Cluster DeploymentConfiguration
        DesiredCount EnableECSManagedTags EnableExecuteCommand
        ForceNewDeployment.EnableForceNewDeployment ForceNewDeployment.ForceNewDeploymentNonce
        HealthCheckGracePeriodSeconds
        LaunchType LoadBalancers NetworkConfiguration PlatformVersion PropagateTags ServiceName
        ServiceRegistries TaskDefinition
        """,
        _create_service,
        _update_service,
    ),
]
