"""Requirements 10 and 12: logs, alarms, and what belongs to the system."""

from collections.abc import Iterator
from typing import Final

from checks.evidence.control import Control, Fact, at_least, both, every, given, is_
from checks.resolved import System
from description.model import System as Description
from templates.parameters import AUDIT_DAYS

BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
BUCKET: Final = "AWS::S3::Bucket"
ALARM: Final = "AWS::CloudWatch::Alarm"


def _flow_logs(system: System) -> Iterator[Fact]:
    """Yield of each network which flow log records it."""
    for vpc in system.of_type("AWS::EC2::VPC"):
        logs = [
            log
            for log in system.of_type("AWS::EC2::FlowLog")
            if system.find(vpc.type, log.properties.get("ResourceId")) is vpc
        ]
        for log in logs:
            value = log.properties.get("TrafficType")
            yield Fact(log, "TrafficType", value, value == "ALL")
        if not logs:
            yield Fact(vpc, "", None, holds=False)


def _is_routed(system: Description) -> bool:
    return system.routed


def _tags(system: System) -> Iterator[Fact]:
    for one in system.resources.values():
        for index, tag in enumerate(one.properties.get("Tags") or []):
            if isinstance(tag, dict) and tag.get("Key") == "Name":
                yield Fact(one, f"Tags/{index}", tag.get("Value"), bool(tag.get("Value")))


CONTROLS: Final = (
    Control(
        "10.2.1",
        "Audit logs are on for all that is in scope.",
        "Containers write to their service's log group, and every connection in the network is "
        "recorded.",
        ("E9751",),
        both(
            every(
                "AWS::ECS::TaskDefinition",
                "ContainerDefinitions/*/LogConfiguration/Options/awslogs-group",
                given,
            ),
            _flow_logs,
        ),
    ),
    Control(
        "10.2.1",
        "Audit logs are on for all that is in scope.",
        "The load balancer's requests and connections are recorded, and what its web ACL decides.",
        ("E9601",),
        both(
            every(BALANCER, "LoadBalancerAttributes/access_logs.s3.enabled/Value", is_(True)),
            every(BALANCER, "LoadBalancerAttributes/connection_logs.s3.enabled/Value", is_(True)),
            every("AWS::WAFv2::LoggingConfiguration", "LogDestinationConfigs", given),
        ),
        _is_routed,
    ),
    Control(
        "10.3.2",
        "Audit logs are protected from changes by individuals.",
        "The bucket of logs keeps every version, is closed to the public, and takes nothing but "
        "what AWS delivers for this system.",
        ("E9602", "E9603"),
        both(
            every(BUCKET, "VersioningConfiguration/Status", is_("Enabled")),
            every(BUCKET, "PublicAccessBlockConfiguration/BlockPublicPolicy", is_(True)),
            every(BUCKET, "PublicAccessBlockConfiguration/RestrictPublicBuckets", is_(True)),
            every(BUCKET, "OwnershipControls/Rules/*/ObjectOwnership", is_("BucketOwnerEnforced")),
            every("AWS::S3::BucketPolicy", "PolicyDocument/Statement/*/Sid", given),
        ),
    ),
    Control(
        "10.5.1",
        "Audit logs are kept for twelve months, the last three of them at hand.",
        "All logs are kept for the days that the parameter LogRetentionDays says, and can be read "
        "at once.",
        ("E9163", "E9752"),
        both(
            every("AWS::Logs::LogGroup", "RetentionInDays", at_least(AUDIT_DAYS)),
            every(BUCKET, "LifecycleConfiguration/Rules/*/ExpirationInDays", at_least(AUDIT_DAYS)),
        ),
    ),
    Control(
        "10.7.2",
        "Failures of critical systems are detected and told at once.",
        "Alarms watch the services and the load balancer, and tell the topic of this system.",
        ("E9161", "E9162"),
        both(every(ALARM, "Dimensions", given), every(ALARM, "AlarmActions", given)),
    ),
    Control(
        "12.5.1",
        "There is an inventory of the system's parts.",
        "What has no name of its own is called by a tag that says what it is and in which "
        "environment; the tags of the stack are on all of it.",
        ("E9773", "E9774"),
        _tags,
    ),
)
