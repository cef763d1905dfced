"""Traffic: rules of security groups, all of them TCP on one port."""

from collections.abc import Iterator

from troposphere import AWSHelperFn, ec2


def inline_rule(description: str, port: int, cidr: object) -> ec2.SecurityGroupRule:
    """Return a rule, in or out, of the group that it is written in."""
    return ec2.SecurityGroupRule(
        Description=description,
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        CidrIp=str(cidr),
    )


def no_egress() -> ec2.SecurityGroupRule:
    """Return a rule that leads nowhere: without any, EC2 would allow a group all traffic out.

    Source: CloudFormation, AWS::EC2::SecurityGroup, SecurityGroupEgress.
    """
    return ec2.SecurityGroupRule(
        Description="Nothing",
        IpProtocol="-1",
        CidrIp="127.0.0.1/32",
    )


def connection(
    source: AWSHelperFn,
    target: AWSHelperFn,
    port: int | None,
    *,
    out: tuple[str, str],
    into: tuple[str, str],
) -> Iterator[ec2.SecurityGroupEgress | ec2.SecurityGroupIngress]:
    """Yield the rule that lets the group ``source`` out to ``target``, and the one that lets it in.

    ``out`` and ``into`` are the logical id and the description of each.
    """
    yield ec2.SecurityGroupEgress(
        out[0],
        Description=out[1],
        GroupId=source,
        DestinationSecurityGroupId=target,
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
    )
    yield ec2.SecurityGroupIngress(
        into[0],
        Description=into[1],
        GroupId=target,
        SourceSecurityGroupId=source,
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
    )
