"""Load balancer: the public edge of a system, and its listeners."""

from dataclasses import dataclass

from troposphere import GetAtt, Ref
from troposphere import elasticloadbalancingv2 as elb

from description.model import Edge, System
from templates import alarms
from templates.edges import StackTemplate
from templates.kinds import (
    BucketName,
    CertificateArn,
    EnvironmentSuffix,
    Flag,
    ListenerArn,
    LoadBalancerArn,
    LoadBalancerFullName,
    SecurityGroupId,
    SubnetIds,
    Text,
    TopicArn,
)
from templates.log_bucket import ACCESS_LOGS, CONNECTION_LOGS
from templates.names import named


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the edge needs to know."""

    public_subnet_ids: SubnetIds
    load_balancer_security_group_id: SecurityGroupId
    deletion_protection: Flag
    certificate_arn: CertificateArn | None
    log_bucket_name: BucketName | None


@dataclass(frozen=True, kw_only=True)
class Front:
    """What the edge is for the services behind it."""

    arn: LoadBalancerArn
    dns_name: Text
    full_name: LoadBalancerFullName
    listener_arn: ListenerArn


def add(
    system: System,
    t: StackTemplate,
    suffix: EnvironmentSuffix,
    given: Inputs,
    alarm_topic: TopicArn | None,
) -> Front:
    """Add the load balancer of ``system``, its listeners and its alarms to ``t``."""
    balancer = t.add_resource(load_balancer(system, suffix, given))
    if alarm_topic is not None:
        for one in alarms.of_load_balancer(balancer, alarm_topic):
            t.add_resource(one)
    listener = t.add_resource(http_listener(system.edge, balancer))
    if system.edge.protocol == "https":
        listener = t.add_resource(https_listener(system.edge, given, balancer))
    return Front(
        arn=LoadBalancerArn(Ref(balancer)),
        dns_name=Text(GetAtt(balancer, "DNSName")),
        full_name=LoadBalancerFullName(GetAtt(balancer, "LoadBalancerFullName")),
        listener_arn=ListenerArn(Ref(listener)),
    )


def load_balancer(system: System, suffix: EnvironmentSuffix, given: Inputs) -> elb.LoadBalancer:
    """Return the internet-facing application load balancer.

    Source of the attributes: Elastic Load Balancing API, LoadBalancerAttribute.
    """
    attributes = {
        "deletion_protection.enabled": given.deletion_protection,
        "idle_timeout.timeout_seconds": str(system.edge.idle_timeout),
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        **logs("access_logs", given.log_bucket_name, ACCESS_LOGS),
        **logs("connection_logs", given.log_bucket_name, CONNECTION_LOGS),
    }
    return elb.LoadBalancer(
        "LoadBalancer",
        Type="application",
        Scheme="internet-facing",
        Subnets=given.public_subnet_ids,
        SecurityGroups=[given.load_balancer_security_group_id],
        LoadBalancerAttributes=[
            elb.LoadBalancerAttributes(Key=key, Value=value) for key, value in attributes.items()
        ],
        Tags=named(f"{system.name_prefix}-load-balancer", suffix),
    )


def logs(kind: str, bucket: BucketName | None, prefix: str) -> dict[str, object]:
    """Return the attributes that keep logs of one kind in ``bucket``, or none where there is none.

    Both are said: an attribute that is taken away keeps its value.
    """
    if bucket is None:
        return {f"{kind}.s3.enabled": "false"}
    return {
        f"{kind}.s3.enabled": "true",
        f"{kind}.s3.bucket": bucket,
        f"{kind}.s3.prefix": prefix,
    }


def https_listener(edge: Edge, given: Inputs, balancer: elb.LoadBalancer) -> elb.Listener:
    """Return the listener that routes; what no rule matches gets 404."""
    return elb.Listener(
        "HttpsListener",
        LoadBalancerArn=Ref(balancer),
        Port=443,
        Protocol="HTTPS",
        SslPolicy=edge.tls_policy.value,
        Certificates=[elb.Certificate(CertificateArn=given.certificate_arn)],
        DefaultActions=[not_found()],
    )


def http_listener(edge: Edge, balancer: elb.LoadBalancer) -> elb.Listener:
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
