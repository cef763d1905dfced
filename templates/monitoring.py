"""Monitoring: what is recorded beside the containers' logs, and who hears when something fails."""

from dataclasses import dataclass
from functools import partial

from description.model import System
from templates import alarm_topic
from templates.edges import Stack, StackTemplate
from templates.kinds import EmailAddress, EnvironmentSuffix, TopicArn


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What monitoring needs to know; the address only where there are alarms."""

    environment_suffix: EnvironmentSuffix
    alarm_email: EmailAddress | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What monitoring is for others."""

    alarm_topic_arn: TopicArn | None


NOTHING = Outputs(alarm_topic_arn=None)
"""What there is without this stack."""


def is_needed(system: System) -> bool:
    """Return whether ``system`` has anything that belongs here."""
    return system.alarms


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the monitoring of ``system``."""
    return Stack("monitoring", f"Alarm topic of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the monitoring stack's template."""
    topic = None
    if given.alarm_email is not None:
        topic = alarm_topic.add(system, t, given.environment_suffix, given.alarm_email)
    return Outputs(alarm_topic_arn=topic)
