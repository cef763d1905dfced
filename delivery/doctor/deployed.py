"""A deployed system as its services describe it, read once for all diagnoses."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from delivery.aws import Aws
from delivery.nest import Member, members
from delivery.stacks import Stack
from delivery.templates import template
from description import digests

_SERVICES_AT_ONCE = 10
"""Services in one call (ECS API, DescribeServices)."""


@dataclass(frozen=True)
class Service:
    """An ECS service as it is, with what its stack has beside it."""

    address: str
    """Where it is in the stack, e.g. ``ApiGatewayService/Service``."""
    arn: str
    described: dict[str, Any]
    """What DescribeServices says; empty where ECS knows no such service."""
    definition: dict[str, Any]
    """Its task definition."""
    beside: tuple[Member, ...]
    """The resources of its stack."""

    @property
    def cluster(self) -> str:
        """The name of its cluster."""
        return self.arn.split("/")[-2]

    @property
    def name(self) -> str:
        """Its name in ECS."""
        return self.arn.rpartition("/")[2]

    @property
    def resource_id(self) -> str:
        """What Application Auto Scaling and CloudWatch's console call it."""
        return f"service/{self.cluster}/{self.name}"

    @property
    def wanted(self) -> int:
        """How many tasks shall run."""
        return int(self.described["desiredCount"])

    @property
    def running(self) -> int:
        """How many tasks run."""
        return int(self.described["runningCount"])

    @property
    def definition_arn(self) -> str:
        """The ARN of its task definition."""
        return str(self.described["taskDefinition"])

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The containers of a task."""
        return list(self.definition["containerDefinitions"])

    @property
    def log_group(self) -> str | None:
        """The log group of its containers."""
        for one in self.containers:
            options = one.get("logConfiguration", {}).get("options", {})
            if group := options.get("awslogs-group"):
                return str(group)
        return None

    @property
    def security_groups(self) -> list[str]:
        """The groups of its tasks."""
        network = self.described["networkConfiguration"]["awsvpcConfiguration"]
        return list(network["securityGroups"])

    @property
    def deployment(self) -> dict[str, Any]:
        """The deployment that ECS works for."""
        return next(d for d in self.described["deployments"] if d["status"] == "PRIMARY")

    def of(self, kind: str) -> list[Member]:
        """Return the resources of a type in its stack."""
        return [one for one in self.beside if one.type == kind]


@dataclass(frozen=True)
class Deployed:
    """A deployed system."""

    aws: Aws
    stack: Stack
    words: str
    """System, environment and options, as ``./deploy.sh`` takes them."""

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """All resources of all stacks."""
        return tuple(members(self.aws, self.stack.id))

    def of(self, kind: str) -> list[Member]:
        """Return the resources of a type."""
        return [one for one in self.members if one.type == kind]

    @cached_property
    def waiting(self) -> dict[str, str]:
        """The images that are not known yet, each with the option that gives it: a call where
        services share parameters.
        """
        values = self.stack.parameters
        shared = digests.shared_in(values)
        services = digests.services_of(template(self.aws, self.stack.id)) if shared else ()
        return digests.waiting(values, services)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The ECS services that are there and run: a call for 10 of them, and one for each."""
        return tuple(one for one in self._all if one.described.get("status") == "ACTIVE")

    @cached_property
    def missing(self) -> tuple[Service, ...]:
        """The ECS services that the stack has and ECS has not."""
        return tuple(one for one in self._all if one not in self.services)

    @cached_property
    def _all(self) -> tuple[Service, ...]:
        return tuple(self._read())

    def _read(self) -> Iterator[Service]:
        ecs = self.aws.client("ecs")
        clusters: dict[str, list[Member]] = {}
        for one in self.of("AWS::ECS::Service"):
            clusters.setdefault(one.physical_id.split("/")[-2], []).append(one)
        for cluster, found in clusters.items():
            for start in range(0, len(found), _SERVICES_AT_ONCE):
                some = found[start : start + _SERVICES_AT_ONCE]
                answer = ecs.describe_services(
                    cluster=cluster, services=[one.physical_id for one in some]
                )
                described = {one["serviceArn"]: one for one in answer["services"]}
                for one in some:
                    said = described.get(one.physical_id, {})
                    definition = {}
                    if said.get("status") == "ACTIVE":
                        definition = ecs.describe_task_definition(
                            taskDefinition=said["taskDefinition"]
                        )["taskDefinition"]
                    beside = tuple(m for m in self.members if m.path == one.path)
                    yield Service(one.address, one.physical_id, said, definition, beside)

    @cached_property
    def rules(self) -> tuple[dict[str, Any], ...]:
        """The rules of the stacks' security groups: a call for 1,000 of them."""
        groups = [one.physical_id for one in self.of("AWS::EC2::SecurityGroup")]
        if not groups:
            return ()
        pages = self.aws.client("ec2").get_paginator("describe_security_group_rules")
        return tuple(
            rule
            for page in pages.paginate(Filters=[{"Name": "group-id", "Values": groups}])
            for rule in page["SecurityGroupRules"]
        )

    def rules_of(self, groups: list[str], *, egress: bool, port: int) -> list[dict[str, Any]]:
        """Return the rules of any of the groups that let TCP on a port through, in or out."""
        return [
            rule
            for rule in self.rules
            if rule["GroupId"] in groups
            and rule["IsEgress"] is egress
            and rule.get("CidrIpv4") != "127.0.0.1/32"
            and _covers(rule, port)
        ]


def _covers(rule: dict[str, Any], port: int) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in {"tcp", "6"} and rule["FromPort"] <= port <= rule["ToPort"]
