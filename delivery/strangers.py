"""What stands in a VPC that goes and is not of the stack: CloudFormation would stop at the VPC.

GuardDuty's Runtime Monitoring puts an endpoint with a security group into each VPC with tasks that
it watches, and leaves both there. Source: GuardDuty User Guide, "Using Infrastructure as Code (IaC)
with GuardDuty automated security agents", and "Using shared VPC with automated security agents" for
their tag.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from delivery import denied
from delivery.aws import DENIED, Aws, error_code, error_message, explained
from delivery.errors import DeliveryError
from delivery.polling import wait_until
from delivery.removal import Resource
from description.guardduty import TAG

Tell = Callable[[str], None]

_REMOVALS = {
    "VPC endpoint": "delete-vpc-endpoints --vpc-endpoint-ids",
    "security group": "delete-security-group --group-id",
}


@dataclass(frozen=True)
class Stranger:
    """Something in the VPC that no stack of ours has made."""

    kind: str
    """``VPC endpoint`` or ``security group``."""
    id: str
    name: str
    """What it is for: an endpoint's service, a group's name."""
    of_guardduty: bool
    """Whether GuardDuty has made it, for this VPC alone."""

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.name})"


def find(aws: Aws, found: Iterable[Resource], tell: Tell) -> list[Stranger]:
    """Return what is in the VPCs that go with the resources ``found`` and not among these, VPC
    endpoints before security groups. Two calls for a VPC.

    Where that may not be looked at, ``tell`` hears it.
    """
    ours = list(found)
    known = {one.physical_id for one in ours}
    vpcs = [one.physical_id for one in ours if one.type == "AWS::EC2::VPC" and not one.retained]
    try:
        there = [stranger for vpc in vpcs for stranger in _inside(aws, vpc)]
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        why = denied.explained(error.operation_name, error_message(error))
        tell(f"not looked for what else is in the VPC: {why}")
        return []
    return [one for one in there if one.id not in known]


def check(aws: Aws, stack_name: str, strangers: Sequence[Stranger]) -> None:
    """Raise ``DeliveryError`` where somebody's own things are in the VPC, with what removes them.

    Those of GuardDuty go with it: see ``remove``.
    """
    if others := [one for one in strangers if not one.of_guardduty]:
        commands = "; ".join(
            f"aws ec2 {_REMOVALS[one.kind]} {one.id} {aws.cli_options}" for one in others
        )
        raise DeliveryError(
            f"The VPC of {stack_name} cannot go before what others have put into it, and nothing "
            f"was deleted: {', '.join(map(str, others))}. Where nobody needs that, remove it with: "
            f"{commands}"
        )


def remove(aws: Aws, strangers: Sequence[Stranger], tell: Tell) -> None:
    """Delete what GuardDuty has made, and wait until the endpoints have left their subnets.

    Should GuardDuty put them there again while tasks still run, the repeated command finds none
    that do. Raises ``DeliveryError`` where something is not deleted, with the command for it.
    """
    endpoints = [one for one in strangers if one.kind == "VPC endpoint"]
    groups = [one for one in strangers if one.kind == "security group"]
    ec2 = aws.client("ec2")
    with explained():
        if endpoints:
            ids = [one.id for one in endpoints]
            answer = ec2.delete_vpc_endpoints(VpcEndpointIds=ids)
            for error in answer.get("Unsuccessful", ()):
                raise DeliveryError(
                    f"{error.get('ResourceId')} stays: {error['Error'].get('Message')}. Remove it "
                    f"with: aws ec2 {_REMOVALS['VPC endpoint']} {' '.join(ids)} {aws.cli_options}"
                )
            wait_until(
                lambda: not _there(ec2, ids),
                lambda: tell(f"waits until {', '.join(ids)} is deleted"),
            )
        for one in groups:
            ec2.delete_security_group(GroupId=one.id)


def _inside(aws: Aws, vpc: str) -> Iterator[Stranger]:
    ec2 = aws.client("ec2")
    which = [{"Name": "vpc-id", "Values": [vpc]}]
    for page in ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=which):
        for one in page["VpcEndpoints"]:
            if one["VpcId"] == vpc and one["State"].lower() not in _GONE:
                yield Stranger(
                    "VPC endpoint", one["VpcEndpointId"], one["ServiceName"], _managed(one)
                )
    for page in ec2.get_paginator("describe_security_groups").paginate(Filters=which):
        for one in page["SecurityGroups"]:
            if one["GroupName"] != "default":  # goes with the VPC
                yield Stranger("security group", one["GroupId"], one["GroupName"], _managed(one))


_GONE = {"deleted", "deleting"}


def _managed(described: Mapping[str, Any]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", ())}
    return tags.get(TAG) == "true"


def _there(ec2: Any, ids: Sequence[str]) -> bool:
    """Return whether any of the endpoints is still there."""
    which = [{"Name": "vpc-endpoint-id", "Values": list(ids)}]
    pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=which)
    return any(
        one["VpcEndpointId"] in ids and one["State"].lower() != "deleted"
        for page in pages
        for one in page["VpcEndpoints"]
    )
