"""Requirements 10 and 12: logs, alarms, and what belongs to the system."""

from collections.abc import Iterator
from typing import Final

from checks.consistency.lifecycle import NAMED_BY_TAG
from checks.evidence.control import Control, Fact, at_least, every, given, is_, routed
from checks.evidence.controls.tasks import NO_EDGE
from checks.resolved import System
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


def _who_writes(system: System) -> Iterator[Fact]:
    """Yield each statement of each bucket's policy: it refuses, or is bound to a source of this
    account.
    """
    for policy in system.of_type("AWS::S3::BucketPolicy"):
        statements = policy.properties.get("PolicyDocument", {}).get("Statement", [])
        for index, statement in enumerate(statements):
            refuses = statement.get("Effect") == "Deny"
            holds = refuses or "aws:Source" in str(statement.get("Condition", ""))
            yield Fact(policy, f"PolicyDocument/Statement/{index}", statement, holds)


def _tags(system: System) -> Iterator[Fact]:
    for one in system.of_type(*sorted(NAMED_BY_TAG)):
        tags = [tag for tag in one.properties.get("Tags") or [] if tag.get("Key") == "Name"]
        value = tags[0].get("Value") if tags else None
        yield Fact(one, "Tags", value, bool(value))


CONTROLS: Final = (
    Control(
        "10.2.1",
        "Audit logs are on for all that is in scope.",
        "Containers write to their service's log group, and every connection in the network is "
        "recorded.",
        ("E9751", "E9755"),
        (
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
        ("E9601", "E9754", "E9759"),
        (
            every(BALANCER, "LoadBalancerAttributes/access_logs.s3.enabled/Value", is_(True)),
            every(BALANCER, "LoadBalancerAttributes/connection_logs.s3.enabled/Value", is_(True)),
            every("AWS::WAFv2::LoggingConfiguration", "LogDestinationConfigs", given),
        ),
        routed,
        NO_EDGE,
    ),
    Control(
        "10.3.2",
        "Audit logs are protected from changes by individuals.",
        "The bucket of logs keeps versions, is closed to the public, and takes nothing but what "
        "AWS delivers for this system.",
        ("E9600", "E9601", "E9602", "E9603", "E9756"),
        (
            every(BUCKET, "VersioningConfiguration/Status", is_("Enabled")),
            every(BUCKET, "PublicAccessBlockConfiguration/BlockPublicPolicy", is_(True)),
            every(BUCKET, "PublicAccessBlockConfiguration/RestrictPublicBuckets", is_(True)),
            every(BUCKET, "OwnershipControls/Rules/*/ObjectOwnership", is_("BucketOwnerEnforced")),
            _who_writes,
        ),
    ),
    Control(
        "10.5.1",
        "Audit logs are kept for twelve months, the last three of them at hand.",
        "All logs are kept for the days that the parameter LogRetentionDays says, and can be read "
        "at once.",
        ("E9163", "E9752", "E9756"),
        (
            every("AWS::Logs::LogGroup", "RetentionInDays", at_least(AUDIT_DAYS)),
            every(BUCKET, "LifecycleConfiguration/Rules/*/ExpirationInDays", at_least(AUDIT_DAYS)),
        ),
    ),
    Control(
        "10.7.2",
        "Failures of critical security controls are detected, and people are told at once.",
        "Alarms watch the services, the load balancer and the ways out, and tell the topic of this "
        "system, to which people are subscribed.",
        ("E9161", "E9162", "E9782", "E9783", "E9784", "E9785", "E9787"),
        (
            every(ALARM, "Dimensions", given),
            every(ALARM, "AlarmActions", given),
            every("AWS::SNS::Subscription", "Endpoint", given),
        ),
    ),
    Control(
        "12.5.1",
        "There is an inventory of the system's parts, and what they are for.",
        "The parts are listed below. What has no name of its own has a tag that says what it is, "
        "and in which environment.",
        ("E9774",),
        (_tags,),
    ),
)
