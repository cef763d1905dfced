"""What says something to people and nothing to AWS, and what AWS does anyway.

A mutant that differs from the original in nothing else is equivalent: there is no defect to notice.
``*`` is a wildcard, ``#`` an index.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

CONTAINER: Final = "ContainerDefinitions/#/"
ECS_API: Final = "Amazon ECS API Reference"
ELB_API: Final = "Elastic Load Balancing API Reference"
CFN: Final = "CloudFormation Template Reference"


@dataclass(frozen=True)
class Meaningless:
    """Properties that change nothing that AWS does."""

    type: str
    path: str
    reason: str


MEANINGLESS: Final = (
    Meaningless("*", "Description", "a text for people"),
    Meaningless("AWS::EC2::SecurityGroup", "SecurityGroup*/#/Description", "a text for people"),
    Meaningless("AWS::EC2::SecurityGroup", "GroupDescription", "a text for people"),
    Meaningless("AWS::CloudWatch::Alarm", "AlarmDescription", "a text for people"),
    Meaningless("*", "*/Statement/#/Sid", "the name of a statement: no decision depends on it"),
    Meaningless("*", "*/Id", "the name of a policy: no decision depends on it"),
    Meaningless("AWS::IAM::Role", "Policies/#/PolicyName", "a name that nothing refers to"),
    Meaningless(
        "AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyName", "a name that nothing refers to"
    ),
    Meaningless(
        "AWS::EC2::EIP", "Domain", "every account of today has VPC addresses only, whatever it says"
    ),
    Meaningless(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Conditions/#/Field",
        "path-pattern follows from PathPatternConfig, which is there too",
    ),
    Meaningless(
        "AWS::ECS::TaskDefinition",
        "ContainerDefinitions/#/PortMappings/#/AppProtocol",
        "only Service Connect reads it, which is not used",
    ),
    Meaningless(
        "AWS::ECS::TaskDefinition",
        "ContainerDefinitions/#/VersionConsistency",
        "images are given by digest: there is no tag for ECS to look up, once or each time",
    ),
    Meaningless(
        "AWS::S3::Bucket",
        "LifecycleConfiguration/TransitionDefaultMinimumObjectSize",
        "only transitions to other storage classes read it, and there are none",
    ),
    Meaningless(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "EnableCapacityReservationProvisionStabilize",
        "only a MinimumLoadBalancerCapacity reads it, and there is none",
    ),
    Meaningless("AWS::WAFv2::WebACL", "Rules/#/Name", "a name that nothing refers to"),
    Meaningless("AWS::WAFv2::WebACL", "*VisibilityConfig/MetricName", "no alarm reads the metric"),
)
UNORDERED: Final = {
    ("AWS::ECS::Service", "CapacityProviderStrategy"): "base and weight decide, not the order",
}
"""Lists whose order means nothing to AWS, where schemas do not say so, with why."""

NAME_TAG: Final = "name"
"""Tags whose key is this, in whatever case, are what the console shows; nothing looks them up."""


@dataclass(frozen=True)
class Default:
    """What AWS takes where a property is absent."""

    type: str
    path: str
    value: Any
    source: str


DEFAULTS: Final = (
    Default("AWS::EC2::NatGateway", "ConnectivityType", "public", CFN),
    Default("AWS::EC2::Subnet", "MapPublicIpOnLaunch", False, CFN),
    Default("AWS::EC2::VPC", "EnableDnsSupport", True, CFN),
    Default("AWS::EC2::VPC", "InstanceTenancy", "default", CFN),
    Default("AWS::EC2::VPCEndpoint", "IpAddressType", "ipv4", CFN),
    Default("AWS::EC2::VPCEndpoint", "IpAddressType", "not-specified", CFN),
    Default("AWS::ECS::Service", "DeploymentConfiguration/Strategy", "ROLLING", ECS_API),
    Default("AWS::ECS::Service", "DeploymentController/Type", "ECS", ECS_API),
    Default("AWS::CloudWatch::Alarm", "ActionsEnabled", True, CFN),
    Default("AWS::ECS::Service", "CapacityProviderStrategy/#/Base", 0, ECS_API),
    Default("AWS::ECS::Service", "DeploymentConfiguration/MinimumHealthyPercent", 100, ECS_API),
    Default("AWS::ECS::Service", "EnableExecuteCommand", False, ECS_API),
    Default("AWS::ECS::Service", "PlatformVersion", "LATEST", ECS_API),
    Default("AWS::ECS::Service", "SchedulingStrategy", "REPLICA", ECS_API),
    Default("AWS::ECS::TaskDefinition", f"{CONTAINER}Essential", True, ECS_API),
    Default("AWS::ECS::TaskDefinition", f"{CONTAINER}MountPoints/#/ReadOnly", False, ECS_API),
    Default("AWS::ECS::TaskDefinition", f"{CONTAINER}PortMappings/#/Protocol", "tcp", ECS_API),
    Default("AWS::ECS::TaskDefinition", "RuntimePlatform/CpuArchitecture", "X86_64", ECS_API),
    Default("AWS::ECS::TaskDefinition", "RuntimePlatform/OperatingSystemFamily", "LINUX", ECS_API),
    Default("AWS::ElasticLoadBalancingV2::LoadBalancer", "IpAddressType", "ipv4", ELB_API),
    Default("AWS::ElasticLoadBalancingV2::LoadBalancer", "Type", "application", ELB_API),
    Default("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckProtocol", "HTTP", ELB_API),
    Default("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckEnabled", True, ELB_API),
    Default("AWS::ElasticLoadBalancingV2::TargetGroup", "IpAddressType", "ipv4", ELB_API),
    Default("AWS::ElasticLoadBalancingV2::TargetGroup", "Matcher/HttpCode", "200", ELB_API),
    Default("AWS::ElasticLoadBalancingV2::TargetGroup", "ProtocolVersion", "HTTP1", ELB_API),
    Default("AWS::KMS::Key", "Enabled", True, CFN),
    Default("AWS::KMS::Key", "KeySpec", "SYMMETRIC_DEFAULT", CFN),
    Default("AWS::KMS::Key", "KeyUsage", "ENCRYPT_DECRYPT", CFN),
    Default("AWS::KMS::Key", "Origin", "AWS_KMS", CFN),
    Default("AWS::Logs::LogGroup", "LogGroupClass", "STANDARD", CFN),
    Default("AWS::S3::Bucket", "BucketNamespace", "global", "Amazon S3 API Reference"),
    Default(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "TargetTrackingScalingPolicyConfiguration/DisableScaleIn",
        False,
        CFN,
    ),
)


@cache
def is_meaningless(kind: str, path: str) -> bool:
    """Return whether a property means nothing to AWS."""
    return any(fnmatchcase(kind, one.type) and fnmatchcase(path, one.path) for one in MEANINGLESS)


@cache
def default_texts(kind: str, path: str) -> frozenset[str]:
    """Return what AWS takes where a property is absent, as texts."""
    return frozenset(
        str(one.value).lower() if isinstance(one.value, bool) else str(one.value)
        for one in DEFAULTS
        if fnmatchcase(kind, one.type) and fnmatchcase(path, one.path)
    )
