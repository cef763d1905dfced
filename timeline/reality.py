"""What resources wait for in reality, whatever stacks they are in.

The references between resources, followed through every stack, and what no template says: an ECS
service is stable when its tasks can pull their images and write their logs, and are behind their
load balancer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from checks.rendering import STACK
from checks.resolved import Resource, System, references
from timeline.steps import Action, Step


def flat(system: System) -> dict[str, Step]:
    """Return the creation of every resource of ``system`` by address, as steps of one stack.

    ``system`` must be resolved without names, so that every name of a resource is a reference.
    """
    needs = Needs(system)
    return {
        address: Step(
            address=address,
            type=resource.type,
            action=Action.CREATE,
            after=frozenset(referenced(system, resource)),
            after_all_of=frozenset(one for one in resource.depends_on if one in system.resources),
            after_in_reality=frozenset(needs.to_begin(resource)),
            complete_after=frozenset(needs.to_complete(resource)),
        )
        for address, resource in system.resources.items()
    }


def together(steps: Mapping[str, Step]) -> Step:
    """Return ``steps`` as one stack."""
    return Step(address="", type=STACK, action=Action.CREATE, steps=tuple(steps.values()))


def referenced(system: System, resource: Resource) -> Iterator[str]:
    """Yield the addresses of the resources that the properties of one refer to."""
    for one in references(resource.properties):
        if one.address in system.resources and one.address != resource.address:
            yield one.address


class Needs:
    """What resources of a system need that no reference says."""

    def __init__(self, system: System) -> None:
        self.system = system

    def to_begin(self, resource: Resource) -> Iterable[str]:
        """Return the addresses of what must be complete before ``resource`` can begin.

        - CreateService refuses a capacity provider that the cluster does not have, and a target
          group without a load balancer.
        - An internet-facing load balancer needs an internet gateway. One that keeps access logs
          tries at once whether it may write them, as flow logs do.
        """
        match resource.type:
            case "AWS::ECS::Service":
                providers = self._all("AWS::ECS::ClusterCapacityProviderAssociations")
                return [*providers, *self._rules_to(resource)]
            case "AWS::ElasticLoadBalancingV2::LoadBalancer":
                return self._all("AWS::EC2::VPCGatewayAttachment", "AWS::S3::BucketPolicy")
            case "AWS::EC2::FlowLog":
                return self._all("AWS::S3::BucketPolicy")
        return []

    def to_complete(self, resource: Resource) -> Iterable[str]:
        """Return the addresses of what must be there before the tasks of a service can start.

        They pull images, read secrets and write logs through NAT gateways or endpoints. Without,
        ECS starts one after another in vain, and none of them counts until all is there.
        """
        return self._ways_out if resource.type == "AWS::ECS::Service" else []

    def watched(self, resource: Resource) -> float:
        """Return for how many seconds ECS watches the alarms of a service's deployment after it:
        the longest time in which one of them is evaluated.
        """
        configuration = resource.properties.get("DeploymentConfiguration", {})
        alarms = configuration.get("Alarms", {}).get("AlarmNames", [])
        times = (
            float(alarm["Period"]) * float(alarm["EvaluationPeriods"])
            for alarm in map(self._alarms.get, alarms)
            if alarm is not None
        )
        return max(times, default=0.0)

    def _all(self, *types: str) -> list[str]:
        return [one.address for one in self.system.of_type(*types)]

    @cached_property
    def _ways_out(self) -> list[str]:
        return self._all(
            "AWS::EC2::Route",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::EC2::VPCEndpoint",
        )

    @cached_property
    def _alarms(self) -> dict[str, Mapping[str, Any]]:
        alarms = self.system.of_type("AWS::CloudWatch::Alarm")
        return {str(one.properties.get("AlarmName")): one.properties for one in alarms}

    @cached_property
    def _rules(self) -> dict[str, list[str]]:
        """The listener rules to each target group."""
        rules: dict[str, list[str]] = defaultdict(list)
        for rule in self.system.of_type("AWS::ElasticLoadBalancingV2::ListenerRule"):
            for target in referenced(self.system, rule):
                rules[target].append(rule.address)
        return rules

    def _rules_to(self, service: Resource) -> Iterator[str]:
        for target in references(service.properties.get("LoadBalancers", [])):
            yield from self._rules.get(target.address, [])
