"""VPC endpoints: how tasks call AWS without the internet."""

from collections.abc import Iterator, Mapping
from typing import Final

from awacs.aws import Action, PolicyDocument, Statement
from troposphere import AWSHelperFn, Ref, Region, Sub, ec2

from description.endpoints import carrier, needed, permissions
from description.model import System
from templates import iam
from templates.edges import StackTemplate
from templates.kinds import SubnetId, VpcId
from templates.names import named, pascal
from templates.text import sub
from templates.traffic import inline_rule, no_egress

STARTING: Final[Mapping[str, tuple[Action, ...]]] = {
    "ecr.api": (*iam.AUTHENTICATE, *iam.PULL),
    "ecr.dkr": (*iam.AUTHENTICATE, *iam.PULL),
    "logs": iam.WRITE_LOGS,
    "secretsmanager": iam.READ_SECRETS,
}
"""Endpoint to what ECS calls through it to start a task and to take its logs."""


def add_endpoints(
    system: System,
    t: StackTemplate,
    suffix: AWSHelperFn,
    vpc_id: VpcId,
    subnet_ids: list[SubnetId],
    route_tables: list[ec2.RouteTable],
) -> None:
    """Add the endpoints that ``system`` needs, open to HTTPS from its private subnets only."""
    gateways, interfaces = needed(system)
    group = t.add_resource(
        ec2.SecurityGroup(
            "EndpointSecurityGroup",
            GroupDescription=f"Interface endpoints of {system.name}",
            VpcId=vpc_id,
            SecurityGroupIngress=[
                inline_rule("HTTPS from the tasks", 443, cidr)
                for cidr in system.network.private_ranges()
            ],
            SecurityGroupEgress=[no_egress()],
            Tags=named(f"{system.name_prefix}-endpoints", suffix),
        )
    )
    for name in gateways:
        t.add_resource(
            ec2.VPCEndpoint(
                f"{pascal(name)}Endpoint",
                VpcEndpointType="Gateway",
                ServiceName=_service_name(name),
                VpcId=vpc_id,
                RouteTableIds=[Ref(one) for one in route_tables],
                PolicyDocument=endpoint_policy(system, name, suffix),
            )
        )
    for name in interfaces:
        t.add_resource(
            ec2.VPCEndpoint(
                f"{pascal(name.replace('.', '-'))}Endpoint",
                VpcEndpointType="Interface",
                ServiceName=_service_name(name),
                VpcId=vpc_id,
                SubnetIds=subnet_ids,
                SecurityGroupIds=[Ref(group)],
                PrivateDnsEnabled=True,
                PolicyDocument=endpoint_policy(system, name, suffix),
            )
        )


def endpoint_policy(system: System, name: str, suffix: AWSHelperFn) -> PolicyDocument:
    """Return what may pass through an endpoint: what starts tasks, and what their code may do."""
    return iam.policy(*_passing(system, name, suffix))


def _passing(system: System, name: str, suffix: AWSHelperFn) -> Iterator[Statement]:
    if name == "s3":
        yield iam.pull_layers()
    if name in STARTING:
        # The network is there before the repositories, log groups and secrets: roles name them.
        yield iam.by_this_account("StartTasks", STARTING[name], ["*"])
    wanted: dict[str, set[str]] = {}
    for permission in permissions(system):
        for action in permission.actions:
            if carrier(action) == name:
                for resource in permission.resources:
                    wanted.setdefault(resource, set()).add(action)
    # What may be done with one queue need not be done with another.
    together: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in sorted(wanted.items()):
        together.setdefault(tuple(sorted(actions)), []).append(resource)
    for number, (actions_of_each, resources) in enumerate(sorted(together.items()), 1):
        yield iam.by_this_account(
            f"CallsOfServices{number if number > 1 else ''}",
            [Action(*text.split(":")) for text in actions_of_each],
            [iam.filled_in(text, suffix) for text in resources],
        )


def _service_name(name: str) -> Sub:
    return sub("com.amazonaws.", Region, ".", name)
