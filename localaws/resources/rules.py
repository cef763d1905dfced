"""The rules of `localaws.rules` for what CloudFormation creates, updates and deletes."""

from collections.abc import Callable

from localaws import emulator
from localaws.emulator import Properties
from localaws.resources.names import refuse_taken
from localaws.rules import (
    attributes,
    balancer_logs,
    duplicates,
    endpoints,
    gateways,
    keys,
    listeners,
    references,
    subnets,
    uses,
)
from localaws.zones import zone_of_subnet

_BALANCING = "AWS::ElasticLoadBalancingV2::"


def check_creation(resource_type: str, properties: Properties) -> None:
    """Raise ValueError if AWS would refuse a new resource of these properties."""
    refuse_taken(resource_type, properties)
    if resource_type in _CREATED:
        _CREATED[resource_type](properties)


def check_update(resource_type: str, physical_id: str, properties: Properties) -> None:
    """Raise ValueError if AWS would refuse to give a resource these properties."""
    if resource_type in _UPDATED:
        _UPDATED[resource_type](physical_id, properties)


def check_deletion(resource_type: str, physical_id: str) -> None:
    """Raise ValueError if AWS would refuse to delete a resource."""
    if resource_type in _DELETED:
        _DELETED[resource_type](physical_id)


def _subnet(properties: Properties) -> None:
    zone_of_subnet(properties)
    subnets.free(properties["VpcId"], properties["CidrBlock"])


def _route(properties: Properties) -> None:
    kinds = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
    for destination in filter(None, map(properties.get, kinds)):
        duplicates.new_route(properties["RouteTableId"], destination)
    gateways.attached(properties["RouteTableId"], properties.get("GatewayId") or "")


def _balancer(properties: Properties, arn: str = "") -> None:
    references.known_to_balancer(
        properties.get("SecurityGroups") or [], properties.get("Subnets") or []
    )
    if properties.get("Type", "application") == "application":
        references.zones_suffice(properties.get("Subnets") or [])
    if not arn:
        gateways.reachable_balancer(properties.get("Subnets") or [], properties.get("Scheme", ""))
    stated = properties.get("LoadBalancerAttributes") or []
    attributes.recognized("LoadBalancer", stated)
    balancer_logs.writable(balancer_logs.by_key(stated), arn)


def _endpoint(properties: Properties, endpoint_id: str = "") -> None:
    references.known_to_endpoint(
        properties.get("SecurityGroupIds") or [], properties.get("SubnetIds") or []
    )
    endpoints.free(properties, endpoint_id)


def _association(properties: Properties) -> None:
    duplicates.new_association(properties["RouteTableId"], properties["SubnetId"])


def _target_group(properties: Properties) -> None:
    attributes.recognized("TargetGroup", properties.get("TargetGroupAttributes") or [])


def _listener(properties: Properties, arn: str = "") -> None:
    balancer = properties["LoadBalancerArn"]
    attributes.recognized("Listener", properties.get("ListenerAttributes") or [])
    listeners.one_listener_per_port(balancer, int(properties["Port"]), arn)
    listeners.one_balancer_per_group(balancer, properties["DefaultActions"])


def _listener_rule(properties: Properties, arn: str = "") -> None:
    listener = properties["ListenerArn"]
    listeners.one_rule_per_priority(listener, str(properties["Priority"]), {arn: ""})
    listeners.one_balancer_per_group(listeners.balancer_of(listener), properties["Actions"])


def _repository(properties: Properties) -> None:
    key = properties.get("EncryptionConfiguration", {}).get("KmsKey")
    keys.known(key, "KmsException", "The operation failed due to a KMS exception.")


def _secret(properties: Properties) -> None:
    keys.known(
        properties.get("KmsKeyId"),
        "EncryptionFailure",
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key.",
    )


def _topic(properties: Properties) -> None:
    key = properties.get("KmsMasterKeyId")
    keys.known(key, "InvalidParameter", f"Invalid parameter: KmsMasterKeyId '{key}'")


def _address(public_ip: str) -> None:
    for allocation_id, address in emulator.ec2_addresses.items():
        if address["PublicIp"] == public_ip:
            uses.keep_used_address(allocation_id)


_CREATED: dict[str, Callable[[Properties], None]] = {
    "AWS::EC2::Route": _route,
    "AWS::EC2::Subnet": _subnet,
    "AWS::EC2::SubnetRouteTableAssociation": _association,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::ECR::Repository": _repository,
    "AWS::KMS::Key": keys.manageable,
    "AWS::Logs::LogGroup": keys.usable_by_logs,
    "AWS::SNS::Topic": _topic,
    "AWS::SecretsManager::Secret": _secret,
    f"{_BALANCING}Listener": _listener,
    f"{_BALANCING}ListenerRule": _listener_rule,
    f"{_BALANCING}LoadBalancer": _balancer,
    f"{_BALANCING}TargetGroup": _target_group,
}
_UPDATED: dict[str, Callable[[str, Properties], None]] = {
    "AWS::EC2::VPCEndpoint": lambda name, properties: _endpoint(properties, name),
    "AWS::KMS::Key": lambda _, properties: keys.manageable(properties),
    "AWS::Logs::LogGroup": lambda name, properties: keys.usable_by_logs(properties, name),
    "AWS::SNS::Topic": lambda _, properties: _topic(properties),
    "AWS::SecretsManager::Secret": lambda _, properties: _secret(properties),
    f"{_BALANCING}Listener": lambda arn, properties: _listener(properties, arn),
    f"{_BALANCING}ListenerRule": lambda arn, properties: _listener_rule(properties, arn),
    f"{_BALANCING}LoadBalancer": lambda arn, properties: _balancer(properties, arn),
    f"{_BALANCING}TargetGroup": lambda _, properties: _target_group(properties),
}
_DELETED: dict[str, Callable[[str], None]] = {
    "AWS::EC2::EIP": _address,
    "AWS::EC2::SecurityGroup": uses.keep_used_group,
    "AWS::EC2::InternetGateway": gateways.keep_attached,
    "AWS::EC2::Subnet": uses.keep_used_subnet,
    "AWS::EC2::VPCGatewayAttachment": lambda name: gateways.keep_used(name.partition("|")[2]),
    "AWS::ECS::Cluster": uses.keep_used_cluster,
    f"{_BALANCING}LoadBalancer": uses.keep_protected_balancer,
    f"{_BALANCING}TargetGroup": listeners.keep_used_group,
}
