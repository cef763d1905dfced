"""Monitoring: alarms over what the services stand on; each service has its own beside it."""

from dataclasses import dataclass
from functools import partial

from description.model import System
from templates import alarms
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import LoadBalancerFullName, NatGatewayId, TopicArn


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What monitoring needs to know: whom alarms tell, and what they are over."""

    alarm_topic_arn: TopicArn
    nat_gateway_id: Each[NatGatewayId]
    load_balancer_full_name: LoadBalancerFullName | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Nobody needs to know anything of the alarms."""


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the monitoring of ``system``."""
    return Stack("monitoring", f"Alarms of {system.name}", partial(build, system))


def build(_: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the monitoring stack's template."""
    topic = given.alarm_topic_arn
    for one in alarms.of_nat_gateways(given.nat_gateway_id, topic):
        t.add_resource(one)
    if given.load_balancer_full_name is not None:
        for one in alarms.of_load_balancer(given.load_balancer_full_name, topic):
            t.add_resource(one)
    return Outputs()
