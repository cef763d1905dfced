"""What can not be deleted because something else still uses it."""

from collections.abc import Iterator
from typing import Any

from localaws import emulator
from localaws.ec2_answers import one, refusal
from localaws.emulator import Record
from localaws.nat import used_addresses
from localaws.rules.guard import guard, guarded, refuse


def install() -> None:
    """Let the services' own deletions follow these rules."""
    guard(
        emulator.ec2_actions,
        refusal,
        {
            "DeleteSecurityGroup": lambda request: keep_used_group(one(request, "GroupId")),
            "DeleteSubnet": lambda request: keep_used_subnet(one(request, "SubnetId")),
            "ReleaseAddress": lambda request: keep_used_address(one(request, "AllocationId")),
        },
    )
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        {
            "DeleteLoadBalancer": lambda request: keep_protected_balancer(
                one(request, "LoadBalancerArn")
            )
        },
    )
    guard(
        emulator.ecs_actions,
        emulator.json_error,
        {"DeleteCluster": lambda request: keep_used_cluster(request.get("cluster", "default"))},
    )
    emulator.replace(
        "_delete_service",
        guarded(
            emulator.delete_discovery_service,
            lambda request: keep_used_discovery_service(request.get("Id", "")),
            emulator.json_error,
        ),
        emulator.servicediscovery,
    )


def keep_used_group(group_id: str) -> None:
    """Refuse to delete a security group that a rule, a network interface or an endpoint names."""
    named = group_id in _groups_in_rules(group_id) or any(
        group_id in groups for groups, _ in _interfaces()
    )
    refuse(named, "DependencyViolation", f"resource {group_id} has a dependent object")


def keep_used_subnet(subnet_id: str) -> None:
    """Refuse to delete a subnet that a network interface stands in."""
    refuse(
        any(subnet_id in subnets for _, subnets in _interfaces()),
        "DependencyViolation",
        f"The subnet '{subnet_id}' has dependencies and cannot be deleted.",
    )


def keep_used_address(allocation_id: str) -> None:
    """Refuse to release an address that a NAT gateway has."""
    refuse(
        allocation_id in used_addresses(),
        "InvalidIPAddress.InUse",
        f"The address with allocation id {allocation_id} is in use.",
    )


def keep_protected_balancer(arn: str) -> None:
    """Refuse to delete a load balancer that is protected."""
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    refuse(
        protection in emulator.load_balancer_attributes.get(arn, []),
        "OperationNotPermitted",
        f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
    )


def keep_used_cluster(cluster: str) -> None:
    """Refuse to delete a cluster, given by name or ARN, that has active services."""
    name = cluster.rpartition("/")[2]
    refuse(
        any(service["clusterArn"].rpartition("/")[2] == name for service in _active_services()),
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
    )


def keep_used_discovery_service(service_id: str) -> None:
    """Refuse to delete a Cloud Map service that has instances, or tasks that ECS registers in it.

    No task runs here, so an ECS service that wants some stands for their registrations.
    """
    arn = emulator.discovery_services.get(service_id, {}).get("Arn")
    registering = any(
        registry["registryArn"] == arn
        for service in _running_services()
        for registry in service.get("serviceRegistries") or []
    )
    refuse(
        registering or emulator.discovery_instances.get(service_id),
        "ResourceInUse",
        "Service contains registered instances; delete the instances before deleting the service",
    )


def _active_services() -> Iterator[Record]:
    return (s for s in list(emulator.ecs_services.values()) if s["status"] == "ACTIVE")


def _running_services() -> Iterator[Record]:
    return (service for service in _active_services() if service["desiredCount"])


def _groups_in_rules(group_id: str) -> set[str]:
    """Return the groups that the rules of all groups but this one name."""
    return {
        pair.get("GroupId", "")
        for other_id, group in emulator.ec2_security_groups.items()
        if other_id != group_id
        for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]
        for pair in rule.get("UserIdGroupPairs", [])
    }


def _interfaces() -> Iterator[tuple[list[str], list[str]]]:
    """Yield the security groups and the subnets of all that has network interfaces."""
    for balancer in emulator.load_balancers.values():
        yield balancer["SecurityGroups"], balancer["Subnets"]
    for endpoint in emulator.ec2_endpoints.values():
        yield endpoint.get("SecurityGroupIds", []), endpoint["SubnetIds"]
    for gateway in emulator.ec2_nat_gateways.values():
        if gateway["State"] != "deleted":
            yield [], [gateway["SubnetId"]]
    for service in _running_services():
        network: dict[str, Any] = service["networkConfiguration"] or {}
        where = network.get("awsvpcConfiguration", {})
        yield where.get("securityGroups", []), where.get("subnets", [])
