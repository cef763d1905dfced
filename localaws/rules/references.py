"""What a new resource names must exist and suffice: security groups, subnets, target groups."""

from collections.abc import Container, Iterable

from localaws import emulator
from localaws.ec2_answers import one, several
from localaws.emulator import Parameters, Record
from localaws.rules import gateways, listeners
from localaws.rules.guard import guard, refuse


def install() -> None:
    """Let the services' own calls follow these rules."""
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        {
            "CreateLoadBalancer": _zones_request,
            "SetSecurityGroups": _balancer_request,
            "SetSubnets": _zones_request,
        },
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


def zones_suffice(subnets: Iterable[str]) -> None:
    """Refuse an application load balancer that does not stand in two zones, once in each.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
    """
    zones = [emulator.ec2_subnets[subnet]["AvailabilityZone"] for subnet in subnets]
    refuse(
        len(set(zones)) < len(zones),
        "InvalidConfigurationRequest",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    )
    refuse(
        len(zones) < _ZONES,
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
    )


_ZONES = 2


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


def _zones_request(request: Parameters) -> None:
    _balancer_request(request)
    if one(request, "Type") != "network":
        zones_suffice(several(request, "Subnets"))
    if "Name" in request:
        gateways.reachable_balancer(several(request, "Subnets"), one(request, "Scheme"))


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
    for balancer in request.get("loadBalancers") or []:
        group = balancer.get("targetGroupArn")
        refuse(
            group and not any(listeners.balancers_of(group)),
            "InvalidParameterException",
            f"The target group with targetGroupArn {group} does not have an associated load "
            "balancer.",
        )
