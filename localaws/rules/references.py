"""What a new resource names must exist: security groups and subnets."""

from collections.abc import Container, Iterable

from localaws import emulator
from localaws.ec2_answers import several
from localaws.emulator import Parameters, Record
from localaws.rules.guard import guard, refuse


def install() -> None:
    """Let the services' own calls follow these rules."""
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        dict.fromkeys(("CreateLoadBalancer", "SetSecurityGroups", "SetSubnets"), _balancer_request),
    )
    guard(
        emulator.ecs_actions,
        emulator.json_error,
        {"CreateService": _service_request, "UpdateService": _service_request},
    )


def known_to_balancer(groups: Iterable[str], subnets: Iterable[str]) -> None:
    """Refuse a load balancer with a security group or in a subnet that does not exist."""
    for subnet in _missing(subnets, emulator.ec2_subnets):
        refuse(subnet, "SubnetNotFound", f"The subnet ID '{subnet}' does not exist")
    for group in _missing(groups, emulator.ec2_security_groups):
        refuse(
            group, "InvalidSecurityGroup", f"The specified security group '{group}' does not exist"
        )


def known_to_endpoint(groups: Iterable[str], subnets: Iterable[str]) -> None:
    """Refuse a VPC endpoint with a security group or in a subnet that does not exist."""
    for subnet in _missing(subnets, emulator.ec2_subnets):
        refuse(subnet, "InvalidSubnetId.NotFound", f"The subnet ID '{subnet}' does not exist")
    for group in _missing(groups, emulator.ec2_security_groups):
        refuse(group, "InvalidGroup.NotFound", f"The security group '{group}' does not exist")


def _missing(ids: Iterable[str], known: Container[str]) -> list[str]:
    return [name for name in ids if name not in known]


def _balancer_request(request: Parameters) -> None:
    known_to_balancer(several(request, "SecurityGroups"), several(request, "Subnets"))


def _service_request(request: Record) -> None:
    """Refuse a service whose tasks would have no network, in ECS's words for EC2's refusal."""
    network = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration", {})
    for subnet in _missing(network.get("subnets", []), emulator.ec2_subnets):
        refuse(
            subnet,
            "InvalidParameterException",
            f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does "
            "not exist (ErrorCode: InvalidSubnetID.NotFound)",
        )
    for group in _missing(network.get("securityGroups", []), emulator.ec2_security_groups):
        refuse(
            group,
            "InvalidParameterException",
            f"Error retrieving security group information for [{group}]: The security group "
            f"'{group}' does not exist (ErrorCode: InvalidGroup.NotFound)",
        )
