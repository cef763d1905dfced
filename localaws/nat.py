"""NAT gateways, zonal and regional: EC2's three calls for them.

ministack forgets the address of a NAT gateway and knows no regional ones.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from localaws import emulator
from localaws.api import CallError
from localaws.ec2_answers import answer, elements, one, refusal, several
from localaws.emulator import Parameters, Record, Response
from localaws.rules.gateways import reachable_nat_gateway


def install() -> None:
    """Answer EC2's calls for NAT gateways from here."""
    emulator.ec2_actions.update(
        CreateNatGateway=create_nat_gateway,
        DescribeNatGateways=describe_nat_gateways,
        DeleteNatGateway=delete_nat_gateway,
    )


def create_nat_gateway(parameters: Parameters) -> Response:
    """CreateNatGateway: zonal in a subnet, or regional in a VPC."""
    mode = one(parameters, "AvailabilityMode") or "zonal"
    connectivity = one(parameters, "ConnectivityType") or "public"
    place, error = _regional(parameters) if mode == "regional" else _zonal(parameters, connectivity)
    if error:
        return error
    if connectivity == "public":
        try:
            reachable_nat_gateway(place["VpcId"])
        except CallError as refused:
            return refusal(refused.code, refused.message)
    record = {
        **place,
        "NatGatewayId": f"nat-{secrets.token_hex(9)[:17]}",
        "AvailabilityMode": mode,
        "ConnectivityType": connectivity,
        "State": "available",
        "CreateTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    emulator.ec2_nat_gateways[record["NatGatewayId"]] = record
    emulator.ec2_tag_on_create(parameters, "natgateway", record["NatGatewayId"])
    return answer("CreateNatGateway", f"<natGateway>{_gateway(record)}</natGateway>")


def _zonal(parameters: Parameters, connectivity: str) -> tuple[Record, Response | None]:
    subnet_id, allocation_id = one(parameters, "SubnetId"), one(parameters, "AllocationId")
    subnet = emulator.ec2_subnets.get(subnet_id)
    if subnet is None:
        return {}, refusal(
            "InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist"
        )
    address = emulator.ec2_addresses.get(allocation_id)
    if connectivity == "public" and address is None:
        return {}, refusal(
            "InvalidAllocationID.NotFound", f"The allocation ID '{allocation_id}' does not exist"
        )
    if allocation_id in used_addresses():
        return {}, refusal("Resource.AlreadyAssociated", f"{allocation_id} is already associated")
    return {"SubnetId": subnet_id, "VpcId": subnet["VpcId"], "AllocationId": allocation_id}, None


def _regional(parameters: Parameters) -> tuple[Record, Response | None]:
    vpc_id = one(parameters, "VpcId")
    if one(parameters, "SubnetId") or one(parameters, "AllocationId"):
        return {}, refusal(
            "InvalidParameterCombination",
            "SubnetId and AllocationId are not supported for a regional NAT gateway",
        )
    if vpc_id not in emulator.ec2_vpcs:
        return {}, refusal("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    return {"SubnetId": "", "VpcId": vpc_id, "AllocationId": ""}, None


def used_addresses() -> set[str]:
    """Return the allocation ids of the addresses that NAT gateways have."""
    return {
        gateway["AllocationId"]
        for gateway in emulator.ec2_nat_gateways.values()
        if gateway["State"] != "deleted" and gateway["AllocationId"]
    }


def describe_nat_gateways(parameters: Parameters) -> Response:
    """DescribeNatGateways, by id or by the filters vpc-id, subnet-id and state."""
    ids = several(parameters, "NatGatewayId")
    filters = emulator.ec2_filters(parameters)
    found = [
        record
        for record in emulator.ec2_nat_gateways.values()
        if (not ids or record["NatGatewayId"] in ids) and _matches(record, filters)
    ]
    items = "".join(f"<item>{_gateway(record)}</item>" for record in found)
    return answer("DescribeNatGateways", f"<natGatewaySet>{items}</natGatewaySet>")


_FILTERS = {
    "nat-gateway-id": "NatGatewayId",
    "state": "State",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
}


def _matches(record: Record, filters: dict[str, list[str]]) -> bool:
    return all(
        record[_FILTERS[name]] in values for name, values in filters.items() if name in _FILTERS
    )


def delete_nat_gateway(parameters: Parameters) -> Response:
    """DeleteNatGateway; a deleted gateway stays visible, as on AWS."""
    record = emulator.ec2_nat_gateways.get(one(parameters, "NatGatewayId"))
    if record is None:
        return refusal("NatGatewayNotFound", "The NAT gateway does not exist")
    record["State"] = "deleted"
    return answer("DeleteNatGateway", f"<natGatewayId>{record['NatGatewayId']}</natGatewayId>")


def _gateway(record: Record) -> str:
    simple = {
        "natGatewayId": record["NatGatewayId"],
        "subnetId": record["SubnetId"],
        "vpcId": record["VpcId"],
        "state": record["State"],
        "connectivityType": record["ConnectivityType"],
        "availabilityMode": record["AvailabilityMode"],
        "createTime": record["CreateTime"],
    }
    return elements(simple) + _addresses(record) + emulator.ec2_tag_set(record["NatGatewayId"])


def _addresses(record: Record) -> str:
    address: dict[str, Any] = emulator.ec2_addresses.get(record["AllocationId"]) or {}
    if not address:
        return "<natGatewayAddressSet/>"
    return (
        "<natGatewayAddressSet><item>"
        f"<allocationId>{record['AllocationId']}</allocationId>"
        f"<publicIp>{address['PublicIp']}</publicIp>"
        "<isPrimary>true</isPrimary><status>succeeded</status>"
        "</item></natGatewayAddressSet>"
    )
