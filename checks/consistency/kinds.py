"""Every value identifies what the property that it ends in is for.

A parameter that is passed to the wrong child, or two of them swapped, type-checks as text. Where it
ends up, at a property of a resource, decides.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from checks.consistency.nest import Nest
from checks.consistency.rule import Hit, Hits, rule
from checks.rendering import Path


class Kind(NamedTuple):
    """What a value identifies, and by which attributes; ``None`` is what ``Ref`` gives."""

    type: str
    attributes: tuple[str | None, ...] = (None,)


VPC = Kind("AWS::EC2::VPC")
SUBNET = Kind("AWS::EC2::Subnet")
GROUP = Kind("AWS::EC2::SecurityGroup")
ROUTE_TABLE = Kind("AWS::EC2::RouteTable")
GATEWAY = Kind("AWS::EC2::InternetGateway")
NAT = Kind("AWS::EC2::NatGateway")
ADDRESS = Kind("AWS::EC2::EIP", ("AllocationId",))
ROLE = Kind("AWS::IAM::Role", ("Arn",))
KEY_ARN = Kind("AWS::KMS::Key", ("Arn",))
KEY = Kind("AWS::KMS::Key", (None, "Arn", "KeyId"))
CLUSTER = Kind("AWS::ECS::Cluster", (None, "Arn"))
TASK = Kind("AWS::ECS::TaskDefinition")
BALANCER = Kind("AWS::ElasticLoadBalancingV2::LoadBalancer")
LISTENER = Kind("AWS::ElasticLoadBalancingV2::Listener")
TARGET_GROUP = Kind("AWS::ElasticLoadBalancingV2::TargetGroup")
NAMESPACE = Kind("AWS::ServiceDiscovery::PrivateDnsNamespace", (None, "Id"))
ENTRY = Kind("AWS::ServiceDiscovery::Service", ("Arn",))
SCALABLE = Kind("AWS::ApplicationAutoScaling::ScalableTarget")
LOG_GROUP = Kind("AWS::Logs::LogGroup")
BUCKET = Kind("AWS::S3::Bucket")
SECRET = Kind("AWS::SecretsManager::Secret", (None, "Id"))
TOPIC = Kind("AWS::SNS::Topic", (None, "TopicArn"))

_NETWORK = "NetworkConfiguration/AwsvpcConfiguration"
_OPTIONS = "ContainerDefinitions/*/LogConfiguration/Options"

EXPECTED: Final[Mapping[str, Mapping[str, Kind]]] = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": {"ScalingTargetId": SCALABLE},
    "AWS::EC2::FlowLog": {"ResourceId": VPC},
    "AWS::CloudWatch::Alarm": {"AlarmActions/*": TOPIC, "OKActions/*": TOPIC},
    "AWS::EC2::NatGateway": {"AllocationId": ADDRESS, "SubnetId": SUBNET, "VpcId": VPC},
    "AWS::EC2::Route": {"RouteTableId": ROUTE_TABLE, "GatewayId": GATEWAY, "NatGatewayId": NAT},
    "AWS::EC2::RouteTable": {"VpcId": VPC},
    "AWS::EC2::SecurityGroup": {
        "VpcId": VPC,
        "SecurityGroupEgress/*/DestinationSecurityGroupId": GROUP,
        "SecurityGroupIngress/*/SourceSecurityGroupId": GROUP,
    },
    "AWS::EC2::SecurityGroupEgress": {"GroupId": GROUP, "DestinationSecurityGroupId": GROUP},
    "AWS::EC2::SecurityGroupIngress": {"GroupId": GROUP, "SourceSecurityGroupId": GROUP},
    "AWS::EC2::Subnet": {"VpcId": VPC},
    "AWS::EC2::SubnetRouteTableAssociation": {"SubnetId": SUBNET, "RouteTableId": ROUTE_TABLE},
    "AWS::EC2::VPCEndpoint": {
        "VpcId": VPC,
        "SubnetIds/*": SUBNET,
        "SecurityGroupIds/*": GROUP,
        "RouteTableIds/*": ROUTE_TABLE,
    },
    "AWS::EC2::VPCGatewayAttachment": {"VpcId": VPC, "InternetGatewayId": GATEWAY},
    "AWS::ECS::ClusterCapacityProviderAssociations": {"Cluster": CLUSTER},
    "AWS::ECS::Service": {
        "Cluster": CLUSTER,
        "TaskDefinition": TASK,
        f"{_NETWORK}/Subnets/*": SUBNET,
        f"{_NETWORK}/SecurityGroups/*": GROUP,
        "LoadBalancers/*/TargetGroupArn": TARGET_GROUP,
        "ServiceRegistries/*/RegistryArn": ENTRY,
    },
    "AWS::ECS::TaskDefinition": {
        "ExecutionRoleArn": ROLE,
        "TaskRoleArn": ROLE,
        f"{_OPTIONS}/awslogs-group": LOG_GROUP,
    },
    "AWS::ElasticLoadBalancingV2::Listener": {
        "LoadBalancerArn": BALANCER,
        "DefaultActions/*/TargetGroupArn": TARGET_GROUP,
    },
    "AWS::ElasticLoadBalancingV2::ListenerRule": {
        "ListenerArn": LISTENER,
        "Actions/*/TargetGroupArn": TARGET_GROUP,
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"Subnets/*": SUBNET, "SecurityGroups/*": GROUP},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"VpcId": VPC},
    "AWS::Logs::LogGroup": {"KmsKeyId": KEY_ARN},
    "AWS::S3::BucketPolicy": {"Bucket": BUCKET},
    "AWS::SNS::Subscription": {"TopicArn": TOPIC},
    "AWS::SNS::Topic": {"KmsMasterKeyId": KEY},
    "AWS::SNS::TopicPolicy": {"Topics/*": TOPIC},
    "AWS::SecretsManager::RotationSchedule": {"SecretId": SECRET},
    "AWS::SecretsManager::Secret": {"KmsKeyId": KEY},
    "AWS::ServiceDiscovery::PrivateDnsNamespace": {"Vpc": VPC},
    "AWS::ServiceDiscovery::Service": {"DnsConfig/NamespaceId": NAMESPACE},
}
"""Type and property to what its value identifies; a test compares it with cfn-lint's schemas."""


@rule("E9704")
def another_kind(nest: Nest) -> Hits:
    """Require that a value identifies a resource of the kind that its property is for: a parameter
    passed to the wrong child is text like the right one, until AWS refuses it.
    """
    known: dict[Kind, set[str]] = {}
    for kind, properties in EXPECTED.items():
        resources = nest.system.of_type(kind)
        for spelt, wanted in properties.items() if resources else ():
            steps = spelt.split("/")
            if wanted not in known:
                known[wanted] = _identified(nest, wanted)
            for resource in resources:
                for path, value in _at(resource.properties, steps):
                    if str(value) not in known[wanted]:
                        message = f"must identify a resource of {wanted.type}, found {value}"
                        yield Hit(resource, message, path)


def _identified(nest: Nest, kind: Kind) -> set[str]:
    """Return whatever identifies something of a kind."""
    return set().union(*(nest.identified(kind.type, one) for one in kind.attributes))


def _at(value: Any, steps: list[str], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield what is at the end of ``steps`` below ``value``; ``*`` is each item of a list."""
    if not steps:
        yield path, value
    elif steps[0] == "*":
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            yield from _at(item, steps[1:], (*path, index))
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:], (*path, steps[0]))
