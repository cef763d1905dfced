"""VPC endpoints: how tasks call AWS where there is no NAT gateway."""

from troposphere import AWSHelperFn, Ref, Region, Sub, ec2

from description.endpoints import needed
from description.model import System
from templates.edges import StackTemplate
from templates.names import named, pascal
from templates.text import sub
from templates.traffic import inline_rule, no_egress


def add_endpoints(
    system: System,
    t: StackTemplate,
    suffix: AWSHelperFn,
    vpc: ec2.VPC,
    subnets: list[ec2.Subnet],
    route_tables: list[ec2.RouteTable],
) -> None:
    """Add the endpoints that ``system`` needs, open to HTTPS from its private subnets only."""
    gateways, interfaces = needed(system)
    group = t.add_resource(
        ec2.SecurityGroup(
            "EndpointSecurityGroup",
            GroupDescription=f"Interface endpoints of {system.name}",
            VpcId=Ref(vpc),
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
                VpcId=Ref(vpc),
                RouteTableIds=[Ref(one) for one in route_tables],
            )
        )
    for name in interfaces:
        t.add_resource(
            ec2.VPCEndpoint(
                f"{pascal(name.replace('.', '-'))}Endpoint",
                VpcEndpointType="Interface",
                ServiceName=_service_name(name),
                VpcId=Ref(vpc),
                SubnetIds=[Ref(one) for one in subnets],
                SecurityGroupIds=[Ref(group)],
                PrivateDnsEnabled=True,
            )
        )


def _service_name(name: str) -> Sub:
    return sub("com.amazonaws.", Region, ".", name)
