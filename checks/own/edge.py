"""Rules over load balancers.

Attribute keys: Elastic Load Balancing API Reference, LoadBalancerAttribute, TargetGroupAttribute
and ListenerAttribute; a test compares them with the API model in botocore. Only those for
Application Load Balancers are allowed.
"""

import re
from typing import Final

from checks.own.rule import Hits, rule
from checks.rendering import Node
from checks.walk import branches, is_given, items, numbers, resources, texts

LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"

NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)")
"""A load balancer's or target group's name (API, CreateLoadBalancer and CreateTargetGroup)."""

LOAD_BALANCER_ATTRIBUTES: Final = frozenset(
    {
        "access_logs.s3.bucket",
        "access_logs.s3.enabled",
        "access_logs.s3.prefix",
        "client_keep_alive.seconds",
        "connection_logs.s3.bucket",
        "connection_logs.s3.enabled",
        "connection_logs.s3.prefix",
        "deletion_protection.enabled",
        "health_check_logs.s3.bucket",
        "health_check_logs.s3.enabled",
        "health_check_logs.s3.prefix",
        "idle_timeout.timeout_seconds",
        "ipv6.deny_all_igw_traffic",
        "load_balancing.cross_zone.enabled",
        "routing.http.desync_mitigation_mode",
        "routing.http.drop_invalid_header_fields.enabled",
        "routing.http.preserve_host_header.enabled",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "routing.http.xff_client_port.enabled",
        "routing.http.xff_header_processing.mode",
        "routing.http2.enabled",
        "waf.fail_open.enabled",
        "zonal_shift.config.enabled",
    }
)

TARGET_GROUP_ATTRIBUTES: Final = frozenset(
    {
        "deregistration_delay.timeout_seconds",
        "lambda.multi_value_headers.enabled",
        "load_balancing.algorithm.anomaly_mitigation",
        "load_balancing.algorithm.type",
        "load_balancing.cross_zone.enabled",
        "slow_start.duration_seconds",
        "stickiness.app_cookie.cookie_name",
        "stickiness.app_cookie.duration_seconds",
        "stickiness.enabled",
        "stickiness.lb_cookie.duration_seconds",
        "stickiness.type",
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    }
)

LISTENER_ATTRIBUTES: Final = frozenset(
    {
        "routing.http.request.x_amzn_mtls_clientcert.header_name",
        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
        "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
        "routing.http.request.x_amzn_tls_cipher_suite.header_name",
        "routing.http.request.x_amzn_tls_version.header_name",
        "routing.http.response.access_control_allow_credentials.header_value",
        "routing.http.response.access_control_allow_headers.header_value",
        "routing.http.response.access_control_allow_methods.header_value",
        "routing.http.response.access_control_allow_origin.header_value",
        "routing.http.response.access_control_expose_headers.header_value",
        "routing.http.response.access_control_max_age.header_value",
        "routing.http.response.content_security_policy.header_value",
        "routing.http.response.server.enabled",
        "routing.http.response.strict_transport_security.header_value",
        "routing.http.response.x_content_type_options.header_value",
        "routing.http.response.x_frame_options.header_value",
    }
)

TLS_POLICIES: Final = frozenset(
    f"ELBSecurityPolicy-TLS13-{policy}"
    for policy in (
        "1-2-2021-06",
        "1-2-FIPS-2023-04",
        "1-2-FIPS-PQ-2025-09",
        "1-2-PQ-2025-09",
        "1-2-Res-2021-06",
        "1-2-Res-FIPS-2023-04",
        "1-2-Res-FIPS-PQ-2025-09",
        "1-2-Res-PQ-2025-09",
        "1-3-2021-06",
        "1-3-FIPS-2023-04",
        "1-3-FIPS-PQ-2025-09",
        "1-3-PQ-2025-09",
    )
)
"""Policies that offer TLS 1.2 and 1.3 only, and none of the ciphers that ``Ext`` policies add
(Application Load Balancer User Guide, "Security policies for your Application Load Balancer").
"""


@rule("E9111")
def target_group_name(template: Node) -> Hits:
    """Refuse target group names that Elastic Load Balancing does not take."""
    yield from _names(template, TARGET_GROUP)


@rule("E9112")
def load_balancer_name(template: Node) -> Hits:
    """Refuse load balancer names that Elastic Load Balancing does not take."""
    yield from _names(template, LOAD_BALANCER)


@rule("E9113")
def load_balancer_attributes(template: Node) -> Hits:
    """Refuse unknown load balancer attributes, which fail a deployment that is nearly done."""
    kind, attributes = "LoadBalancerAttributes", LOAD_BALANCER_ATTRIBUTES
    yield from _unknown(template, LOAD_BALANCER, kind, attributes)


@rule("E9114")
def target_group_attributes(template: Node) -> Hits:
    """Refuse unknown target group attributes, which fail a deployment that is nearly done."""
    kind, attributes = "TargetGroupAttributes", TARGET_GROUP_ATTRIBUTES
    yield from _unknown(template, TARGET_GROUP, kind, attributes)


@rule("E9115")
def listener_attributes(template: Node) -> Hits:
    """Refuse unknown listener attributes, which fail a deployment that is nearly done."""
    yield from _unknown(template, LISTENER, "ListenerAttributes", LISTENER_ATTRIBUTES)


@rule("E9116")
def tls_policy(template: Node) -> Hits:
    """Require TLS 1.2 or newer, which PCI DSS 4.2.1 takes for strong cryptography; a listener
    without a policy offers TLS 1.0.
    """
    for path, listener in resources(template, LISTENER):
        if "HTTPS" not in texts(listener.get("Protocol")):
            continue
        if not is_given(listener.get("SslPolicy")):
            yield (*path, "SslPolicy"), "is missing: it would be ELBSecurityPolicy-2016-08"
        for policy in texts(listener.get("SslPolicy")):
            if policy not in TLS_POLICIES:
                message = f"must be one of {', '.join(sorted(TLS_POLICIES))}, found {policy}"
                yield (*path, "SslPolicy"), message


@rule("E9117")
def timeout_above_interval(template: Node) -> Hits:
    """Require that a health check ends before the next one begins, as Elastic Load Balancing
    does.
    """
    for path, group in resources(template, TARGET_GROUP):
        timeouts = numbers(group.get("HealthCheckTimeoutSeconds", 5))
        intervals = list(numbers(group.get("HealthCheckIntervalSeconds", 30)))
        for timeout in timeouts:
            if intervals and timeout >= min(intervals):
                message = f"must be below the interval of {min(intervals):g}, found {timeout:g}"
                yield (*path, "HealthCheckTimeoutSeconds"), message


@rule("E9119")
def priority_twice(template: Node) -> Hits:
    """Refuse two rules of a web ACL with one priority or name, as AWS WAF does."""
    for path, acl in resources(template, "AWS::WAFv2::WebACL"):
        for name in ("Priority", "Name"):
            seen: set[object] = set()
            for where, one in items(acl.get("Rules"), (*path, "Rules")):
                value = one.get(name)
                if isinstance(value, str | int) and str(value) in seen:
                    yield (*where, name), f"is that of another rule: {value}"
                seen.add(str(value))


def _names(template: Node, kind: str) -> Hits:
    for path, properties in resources(template, kind):
        for name in texts(properties.get("Name")):
            if not NAME.fullmatch(name):
                message = "must be up to 32 letters, digits and inner hyphens"
                yield (*path, "Name"), f"{message}, found {name!r} ({len(name)})"


def _unknown(template: Node, kind: str, listed: str, known: frozenset[str]) -> Hits:
    for path, properties in resources(template, kind):
        if kind == LOAD_BALANCER and set(texts(properties.get("Type"))) - {"application"}:
            continue
        for choice in branches(properties.get(listed)):
            for where, attribute in items(choice, (*path, listed)):
                for key in texts(attribute.get("Key")):
                    if key not in known:
                        yield (*where, "Key"), f"{key!r} is no attribute of an application one"
