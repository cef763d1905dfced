"""Monitoring: what is recorded beside the containers' logs, and who hears when something fails."""

from dataclasses import dataclass
from functools import partial

from description.model import System
from templates import alarm_topic, alarms, log_bucket
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import (
    BucketName,
    Days,
    EmailAddress,
    EnvironmentSuffix,
    NatGatewayId,
    TopicArn,
    VpcId,
)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What monitoring needs to know: the days only where there is a bucket of logs, the VPC only
    where its traffic is recorded, the address only where there are alarms.
    """

    environment_suffix: EnvironmentSuffix
    log_retention_days: Days | None
    vpc_id: VpcId | None
    alarm_email: EmailAddress | None
    nat_gateway_id: Each[NatGatewayId]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What monitoring is for others."""

    log_bucket_name: BucketName | None
    alarm_topic_arn: TopicArn | None


NOTHING = Outputs(log_bucket_name=None, alarm_topic_arn=None)
"""What there is without this stack."""


def is_needed(system: System) -> bool:
    """Return whether ``system`` has anything that belongs here."""
    return system.alarms or system.keeps_logs_in_a_bucket


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the monitoring of ``system``."""
    return Stack("monitoring", f"Logs and alarms of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the monitoring stack's template."""
    bucket = topic = None
    if given.log_retention_days is not None:
        bucket = log_bucket.add(
            system, t, given.environment_suffix, given.log_retention_days, given.vpc_id
        )
    if given.alarm_email is not None:
        topic = alarm_topic.add(system, t, given.environment_suffix, given.alarm_email)
        for one in alarms.of_nat_gateways(given.nat_gateway_id, topic):
            t.add_resource(one)
    return Outputs(log_bucket_name=bucket, alarm_topic_arn=topic)
