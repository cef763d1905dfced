"""The range of a subnet: inside its VPC, and apart from the other subnets there."""

from ipaddress import IPv4Network

from localaws import emulator
from localaws.api import CallError
from localaws.ec2_answers import one, refusal
from localaws.rules.guard import guard, refuse

_LARGEST, _SMALLEST = 16, 28
"""Prefix lengths that a subnet can have. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""


def install() -> None:
    """Let EC2's call follow these rules."""
    guard(
        emulator.ec2_actions,
        refusal,
        {"CreateSubnet": lambda request: free(one(request, "VpcId"), one(request, "CidrBlock"))},
    )


def free(vpc_id: str, cidr: str) -> None:
    """Refuse a new subnet of this range, unless the VPC has room for it."""
    vpc = emulator.ec2_vpcs.get(vpc_id)
    if vpc is None:
        raise CallError("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    wanted = _network(cidr)
    refuse(
        not wanted.subnet_of(_network(vpc["CidrBlock"]))
        or not _LARGEST <= wanted.prefixlen <= _SMALLEST,
        "InvalidSubnet.Range",
        f"The CIDR '{cidr}' is invalid.",
    )
    refuse(
        any(
            wanted.overlaps(_network(other["CidrBlock"]))
            for other in emulator.ec2_subnets.values()
            if other["VpcId"] == vpc_id
        ),
        "InvalidSubnet.Conflict",
        f"The CIDR '{cidr}' conflicts with another subnet",
    )


def _network(cidr: str) -> IPv4Network:
    """Return the range, with the bits of the host set to zero as EC2 does."""
    try:
        return IPv4Network(cidr, strict=False)
    except ValueError:
        raise CallError(
            "InvalidParameterValue",
            f"Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        ) from None
