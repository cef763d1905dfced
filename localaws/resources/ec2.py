"""AWS::EC2::* of a network: what ministack does itself, and what it lacks."""

from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import parameters_of


def tags_of_new(properties: Properties, kind: str) -> list[dict[str, object]]:
    """Return the tags of a new resource as EC2's calls take them."""
    tags = properties.get("Tags") or []
    return [{"ResourceType": kind, "Tags": tags}] if tags else []


def retag(resource_id: str, old: Properties, new: Properties) -> None:
    """Give the resource the tags of its new definition."""
    wanted = {tag["Key"]: tag["Value"] for tag in new.get("Tags") or []}
    dropped = [tag["Key"] for tag in old.get("Tags") or [] if tag["Key"] not in wanted]
    if dropped:
        call(
            "ec2",
            "DeleteTags",
            Resources=[resource_id],
            Tags=[{"Key": key} for key in dropped],
        )
    if wanted:
        call(
            "ec2",
            "CreateTags",
            Resources=[resource_id],
            Tags=[{"Key": key, "Value": value} for key, value in wanted.items()],
        )


def _create_address(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    address = call(
        "ec2",
        "AllocateAddress",
        Domain=properties.get("Domain", "vpc"),
        TagSpecifications=tags_of_new(properties, "elastic-ip"),
    )
    public_ip = address["PublicIp"]
    return public_ip, {"AllocationId": address["AllocationId"], "PublicIp": public_ip}


def _update_address(
    public_ip: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    allocation_id = _allocation_of(public_ip)
    retag(allocation_id, old, new)
    return public_ip, {"AllocationId": allocation_id, "PublicIp": public_ip}


def _delete_address(public_ip: str, _properties: Properties) -> None:
    call("ec2", "ReleaseAddress", AllocationId=_allocation_of(public_ip))


def _allocation_of(public_ip: str) -> str:
    for address in call("ec2", "DescribeAddresses")["Addresses"]:
        if address["PublicIp"] == public_ip:
            return str(address["AllocationId"])
    raise ValueError(f"The address '{public_ip}' does not exist")


def _create_nat_gateway(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    untagged = {name: value for name, value in properties.items() if name != "Tags"}
    gateway = call(
        "ec2",
        "CreateNatGateway",
        **parameters_of("ec2", "CreateNatGateway", untagged),
        TagSpecifications=tags_of_new(properties, "natgateway"),
    )["NatGateway"]
    return gateway["NatGatewayId"], {"NatGatewayId": gateway["NatGatewayId"]}


def _update_nat_gateway(
    gateway_id: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    retag(gateway_id, old, new)
    return gateway_id, {"NatGatewayId": gateway_id}


def _delete_nat_gateway(gateway_id: str, _properties: Properties) -> None:
    call("ec2", "DeleteNatGateway", NatGatewayId=gateway_id)


def _rule(properties: Properties) -> dict[str, object]:
    """Return a rule's property in the shape of EC2's IpPermission."""
    described = {"Description": properties["Description"]} if "Description" in properties else {}
    permission: dict[str, object] = {"IpProtocol": str(properties["IpProtocol"])}
    for port in ("FromPort", "ToPort"):
        if port in properties:
            permission[port] = int(properties[port])
    for source, (ranges, key) in _SOURCES.items():
        if source in properties:
            permission[ranges] = [{key: properties[source], **described}]
    return permission


_SOURCES = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}


def _rule_type(direction: str, keeps: str) -> ResourceType:
    def create(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
        rules = call(
            "ec2",
            f"AuthorizeSecurityGroup{direction}",
            GroupId=properties["GroupId"],
            IpPermissions=[_rule(properties)],
        )["SecurityGroupRules"]
        rule_id = rules[0]["SecurityGroupRuleId"]
        return rule_id, {"Id": rule_id}

    def update(
        _rule_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Provisioned:
        delete(_rule_id, old)
        return create(logical_id, new, stack)

    def delete(_rule_id: str, properties: Properties) -> None:
        try:
            call(
                "ec2",
                f"RevokeSecurityGroup{direction}",
                GroupId=properties["GroupId"],
                IpPermissions=[_rule(properties)],
            )
        except CallError as error:
            if not error.code.endswith(".NotFound"):
                raise

    return ResourceType(
        f"AWS::EC2::SecurityGroup{direction}", keeps, create, update, delete, tags=""
    )


_RULE = "CidrIp CidrIpv6 Description FromPort IpProtocol ToPort"
_INGRESS = f"{_RULE} SourcePrefixListId SourceSecurityGroupId"
_EGRESS = f"{_RULE} DestinationPrefixListId DestinationSecurityGroupId"


def _inside(name: str, paths: str) -> str:
    return " ".join(f"{name}.{path}" for path in paths.split())


TYPES = [
    ResourceType("AWS::EC2::VPC", "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy"),
    ResourceType(
        "AWS::EC2::Subnet",
        "AvailabilityZone AvailabilityZoneId CidrBlock MapPublicIpOnLaunch VpcId",
    ),
    ResourceType("AWS::EC2::InternetGateway", ""),
    ResourceType("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId VpcId", tags=""),
    ResourceType("AWS::EC2::EIP", "Domain", _create_address, _update_address, _delete_address),
    ResourceType(
        "AWS::EC2::NatGateway",
        "AllocationId AvailabilityMode ConnectivityType SubnetId VpcId",
        _create_nat_gateway,
        _update_nat_gateway,
        _delete_nat_gateway,
    ),
    ResourceType("AWS::EC2::RouteTable", "VpcId"),
    ResourceType(
        "AWS::EC2::Route",
        "DestinationCidrBlock DestinationIpv6CidrBlock GatewayId NatGatewayId RouteTableId",
        tags="",
    ),
    ResourceType("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId SubnetId", tags=""),
    ResourceType(
        "AWS::EC2::SecurityGroup",
        f"""
        GroupDescription GroupName VpcId
        {_inside("SecurityGroupEgress", _EGRESS)}
        {_inside("SecurityGroupIngress", _INGRESS)}
        """,
    ),
    _rule_type("Ingress", f"GroupId {_INGRESS}"),
    _rule_type("Egress", f"GroupId {_EGRESS}"),
    ResourceType(
        "AWS::EC2::VPCEndpoint",
        """
        PolicyDocument PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds
        VpcEndpointType VpcId
        """,
    ),
]
