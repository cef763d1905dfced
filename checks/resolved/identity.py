"""What identifies a resource, as far as that is known before it exists.

Sources: CloudFormation's resource types, "Return values"; Service Authorization Reference,
"Resource types defined by …", for the form of each ARN.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from checks.resolved.model import Place, Reference, parsed

SAME_AS_REF: Final[Mapping[str, str]] = {
    "AWS::EC2::InternetGateway": "InternetGatewayId",
    "AWS::EC2::NatGateway": "NatGatewayId",
    "AWS::EC2::RouteTable": "RouteTableId",
    "AWS::EC2::SecurityGroup": "GroupId",
    "AWS::EC2::Subnet": "SubnetId",
    "AWS::EC2::VPC": "VpcId",
    "AWS::EC2::VPCEndpoint": "Id",
    "AWS::ECS::TaskDefinition": "TaskDefinitionArn",
    "AWS::ElasticLoadBalancingV2::Listener": "ListenerArn",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "RuleArn",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "LoadBalancerArn",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "TargetGroupArn",
}
"""Type to the attribute that gives what ``Ref`` gives."""


@dataclass(frozen=True)
class Identity:
    """How a type's names and ARNs are made of its name."""

    name: str | None
    """The property that holds the name; none where AWS makes an id."""
    ref: str = "{name}"
    """What ``Ref`` gives."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What ``Fn::GetAtt`` gives; an attribute that is not here is known to AWS only."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Further properties that the forms name, and what they are if not given."""


def _arn(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


_SECRET = _arn("secretsmanager", "secret:{name}-??????")
_SERVICE = _arn("ecs", "service/{Cluster}/{name}")
_TOPIC = _arn("sns", "{name}")
_QUEUE_URL = "https://sqs.{region}.{url_suffix}/{account}/{name}"

IDENTITIES: Final[Mapping[str, Identity]] = {
    "AWS::CloudWatch::Alarm": Identity(
        "AlarmName", attributes={"Arn": _arn("cloudwatch", "alarm:{name}")}
    ),
    "AWS::DynamoDB::Table": Identity(
        "TableName", attributes={"Arn": _arn("dynamodb", "table/{name}")}
    ),
    "AWS::ECR::Repository": Identity(
        "RepositoryName",
        attributes={
            "Arn": _arn("ecr", "repository/{name}"),
            "RepositoryUri": "{account}.dkr.ecr.{region}.{url_suffix}/{name}",
        },
    ),
    "AWS::ECS::Cluster": Identity("ClusterName", attributes={"Arn": _arn("ecs", "cluster/{name}")}),
    "AWS::ECS::Service": Identity(
        "ServiceName",
        _SERVICE,
        {"Name": "{name}", "ServiceArn": _SERVICE},
        {"Cluster": "default"},
    ),
    "AWS::IAM::Role": Identity(
        "RoleName",
        attributes={"Arn": "arn:{partition}:iam::{account}:role{Path}{name}"},
        others={"Path": "/"},
    ),
    "AWS::KMS::Key": Identity(
        None, attributes={"Arn": _arn("kms", "key/{name}"), "KeyId": "{name}"}
    ),
    "AWS::Logs::LogGroup": Identity(
        "LogGroupName", attributes={"Arn": _arn("logs", "log-group:{name}:*")}
    ),
    "AWS::S3::Bucket": Identity("BucketName", attributes={"Arn": "arn:{partition}:s3:::{name}"}),
    "AWS::SNS::Topic": Identity("TopicName", _TOPIC, {"TopicArn": _TOPIC, "TopicName": "{name}"}),
    "AWS::SQS::Queue": Identity(
        "QueueName",
        _QUEUE_URL,
        {"Arn": _arn("sqs", "{name}"), "QueueName": "{name}", "QueueUrl": _QUEUE_URL},
    ),
    "AWS::SecretsManager::Secret": Identity("Name", _SECRET, {"Id": _SECRET}),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": Identity(
        None, attributes={"Arn": _arn("servicediscovery", "namespace/{name}"), "Id": "{name}"}
    ),
    "AWS::ServiceDiscovery::Service": Identity(
        None, attributes={"Arn": _arn("servicediscovery", "service/{name}"), "Id": "{name}"}
    ),
}
"""Types whose names and ARNs have a known form. A name that CloudFormation makes is a reference in
it; the six characters that Secrets Manager adds are ``??????``, as a policy would match them."""


def reference(kind: str, address: str, attribute: str | None) -> Reference:
    """Return ``Ref``, or ``Fn::GetAtt`` of an attribute, as a reference: one for the same value."""
    return Reference(address, None if SAME_AS_REF.get(kind) == attribute else attribute)


def identify(
    kind: str,
    address: str,
    attribute: str | None,
    place: Place,
    property_of: Callable[[str], Any],
) -> str | Reference:
    """Return what ``Ref``, or ``Fn::GetAtt`` of an attribute, of the resource ``address`` gives.

    ``property_of`` returns the resolved value of one of its properties, or ``None``.
    """
    known = reference(kind, address, attribute)
    one = IDENTITIES.get(kind)
    if one is None:
        return known
    form = one.ref if known.attribute is None else one.attributes.get(known.attribute)
    if form is None:
        return known
    name = property_of(one.name) if one.name else None
    others = {key: str(property_of(key) or other) for key, other in one.others.items()}
    if "Cluster" in others:  # a name or an ARN
        others["Cluster"] = others["Cluster"].rpartition(":cluster/")[2]
    text = form.format(
        name=str(Reference(address)) if name is None else name,
        account=place.account,
        partition=place.partition,
        region=place.region,
        url_suffix=place.url_suffix,
        **others,
    )
    return parsed(text)
