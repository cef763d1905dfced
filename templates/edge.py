"""Edge: the public side of a system: its load balancer, with its firewall and its listeners.

It is made in the parent itself: nothing takes longer, and services wait for it.
"""

from dataclasses import dataclass

from troposphere import GetAtt, Ref, ec2
from troposphere import elasticloadbalancingv2 as elb

from description.model import Edge as Described
from description.model import System
from templates import parameters
from templates.edges import StackTemplate
from templates.kinds import (
    CertificateArn,
    EnvironmentSuffix,
    ListenerArn,
    LoadBalancerArn,
    LoadBalancerFullName,
    SecurityGroupId,
    Text,
)
from templates.log_bucket import ACCESS_LOGS, CONNECTION_LOGS, LogBucket
from templates.names import named
from templates.traffic import inline_rule, no_egress
from templates.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What others need of the edge."""

    load_balancer_arn: LoadBalancerArn
    load_balancer_full_name: LoadBalancerFullName
    load_balancer_security_group_id: SecurityGroupId
    listener_arn: ListenerArn
    alb_dns_name: Text


def add(
    system: System,
    t: StackTemplate,
    suffix: EnvironmentSuffix,
    vpc: Vpc,
    bucket: LogBucket | None,
) -> Edge:
    """Add the load balancer of ``system``, its firewall and its listeners; it writes its logs to
    ``bucket``, if there is one.
    """
    group = t.add_resource(security_group(system, suffix, vpc))
    balancer = t.add_resource(load_balancer(system, t, suffix, vpc, bucket, group))
    listener = t.add_resource(http_listener(system.edge, balancer))
    if system.edge.protocol == "https":
        certificate = CertificateArn(Ref(t.add_parameter(parameters.certificate_arn())))
        listener = t.add_resource(https_listener(system.edge, certificate, balancer))
    return Edge(
        load_balancer_arn=LoadBalancerArn(Ref(balancer)),
        load_balancer_full_name=LoadBalancerFullName(GetAtt(balancer, "LoadBalancerFullName")),
        load_balancer_security_group_id=SecurityGroupId(GetAtt(group, "GroupId")),
        listener_arn=ListenerArn(Ref(listener)),
        alb_dns_name=Text(GetAtt(balancer, "DNSName")),
    )


def security_group(system: System, suffix: EnvironmentSuffix, vpc: Vpc) -> ec2.SecurityGroup:
    """Return the load balancer's security group: in from the internet; out only by the rules that
    routed services add.
    """
    ports = [80] if system.edge.protocol == "http" else [80, 443]
    return ec2.SecurityGroup(
        "LoadBalancerSecurityGroup",
        GroupDescription=f"Load balancer of {system.name}",
        VpcId=vpc.vpc_id,
        SecurityGroupIngress=[
            inline_rule(
                "HTTPS from the internet" if port == 443 else "HTTP from the internet",
                port,
                "0.0.0.0/0",
            )
            for port in ports
        ],
        SecurityGroupEgress=[no_egress()],
        Tags=named(f"{system.name_prefix}-load-balancer", suffix),
    )


def load_balancer(
    system: System,
    t: StackTemplate,
    suffix: EnvironmentSuffix,
    vpc: Vpc,
    bucket: LogBucket | None,
    group: ec2.SecurityGroup,
) -> elb.LoadBalancer:
    """Return the internet-facing application load balancer.

    Source of the attributes: Elastic Load Balancing API, LoadBalancerAttribute.
    """
    attributes = {
        "deletion_protection.enabled": Ref(t.add_parameter(parameters.deletion_protection(system))),
        "idle_timeout.timeout_seconds": str(system.edge.idle_timeout),
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        **logs("access_logs", bucket, ACCESS_LOGS),
        **logs("connection_logs", bucket, CONNECTION_LOGS),
    }
    return elb.LoadBalancer(
        "LoadBalancer",
        Type="application",
        Scheme="internet-facing",
        Subnets=vpc.public_subnet_ids,
        SecurityGroups=[GetAtt(group, "GroupId")],
        LoadBalancerAttributes=[
            elb.LoadBalancerAttributes(Key=key, Value=value) for key, value in attributes.items()
        ],
        Tags=named(f"{system.name_prefix}-load-balancer", suffix),
        DependsOn=[vpc.reaches_internet, *([bucket.policy] if bucket else [])],
    )


def logs(kind: str, bucket: LogBucket | None, prefix: str) -> dict[str, object]:
    """Return the attributes that keep logs of one kind in ``bucket``, or none where there is none.

    Both are said: an attribute that is taken away keeps its value.
    """
    if bucket is None:
        return {f"{kind}.s3.enabled": "false"}
    return {
        f"{kind}.s3.enabled": "true",
        f"{kind}.s3.bucket": bucket.name,
        f"{kind}.s3.prefix": prefix,
    }


def https_listener(
    edge: Described, certificate: CertificateArn, balancer: elb.LoadBalancer
) -> elb.Listener:
    """Return the listener that routes; what no rule matches gets 404."""
    return elb.Listener(
        "HttpsListener",
        LoadBalancerArn=Ref(balancer),
        Port=443,
        Protocol="HTTPS",
        SslPolicy=edge.tls_policy.value,
        Certificates=[elb.Certificate(CertificateArn=certificate)],
        DefaultActions=[not_found()],
    )


def http_listener(edge: Described, balancer: elb.LoadBalancer) -> elb.Listener:
    """Return the listener on port 80: it routes, or sends every request to HTTPS, for good.

    It is the same resource in either case: a second listener on its port could not be made before
    it has gone.
    """
    return elb.Listener(
        "HttpListener",
        LoadBalancerArn=Ref(balancer),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[not_found() if edge.protocol == "http" else redirect_to_https()],
    )


def redirect_to_https() -> elb.Action:
    """Return the answer that sends a request to HTTPS."""
    return elb.Action(
        Type="redirect",
        RedirectConfig=elb.RedirectConfig(Protocol="HTTPS", Port="443", StatusCode="HTTP_301"),
    )


def not_found() -> elb.Action:
    """Return the answer to a request that no route matches."""
    return elb.Action(
        Type="fixed-response",
        FixedResponseConfig=elb.FixedResponseConfig(
            StatusCode="404", ContentType="text/plain", MessageBody="Not found"
        ),
    )
