"""The load balancer, its listeners and target groups are as described."""

from typing import Final

from checks.consistency.nest import (
    LISTENER,
    LOAD_BALANCER,
    TARGET_GROUP,
    Nest,
    attributes,
    below,
    each,
    section,
    text,
)
from checks.consistency.rule import Hit, Hits, rule

CERTIFICATE: Final = "CertificateArn"


@rule("E9741")
def answers_without_a_route(nest: Nest) -> Hits:
    """Require that a listener sends what no route is for to HTTPS for good, or says 404: any other
    answer leads clients astray.
    """
    for listener in nest.system.of_type(LISTENER):
        for index, action in enumerate(each(listener.properties, "DefaultActions")):
            where = ("DefaultActions", index)
            redirect = section(action, "RedirectConfig")
            if action.get("Type") == "fixed-response":
                code = below(action, "FixedResponseConfig", "StatusCode")
                if text(code) != "404":
                    yield Hit(listener, f"must answer 404, found {code}", where)
            elif action.get("Type") == "redirect":
                if redirect.get("StatusCode") != "HTTP_301":
                    found = redirect.get("StatusCode")
                    yield Hit(listener, f"must redirect for good, HTTP_301, found {found}", where)
                for name, same in _SAME_REQUEST.items():
                    if redirect.get(name, same) != same:
                        yield Hit(listener, f"must keep what was asked for, {name} {same}", where)


_SAME_REQUEST: Final = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}


@rule("E9742")
def listener_as_described(nest: Nest) -> Hits:
    """Require TLS on the port of HTTPS, with the described policy and the certificate that was
    given: any other listener there takes requests in clear text.
    """
    if not nest.described.routed or nest.described.edge.protocol != "https":
        return
    for listener in nest.system.of_type(LISTENER):
        protocol = listener.properties.get("Protocol")
        if protocol != "HTTPS":
            if text(listener.properties.get("Port")) == "443":
                yield Hit(listener, f"must be HTTPS, found {protocol}", ("Protocol",))
            continue
        policy, wanted = listener.properties.get("SslPolicy"), nest.described.edge.tls_policy.value
        if policy != wanted:
            yield Hit(listener, f"must be {wanted}, found {policy}", ("SslPolicy",))
        given = [
            text(one.get("CertificateArn")) for one in each(listener.properties, "Certificates")
        ]
        if given != [text(nest.system.parameters.get(CERTIFICATE))]:
            yield Hit(listener, f"must be the one that was given, found {given}", ("Certificates",))


@rule("E9743")
def attributes_as_described(nest: Nest) -> Hits:
    """Require the described times of load balancer and target groups, and the protection against
    deletion that was given.
    """
    listed = "LoadBalancerAttributes"
    for balancer in nest.system.of_type(LOAD_BALANCER):
        wanted = {
            "idle_timeout.timeout_seconds": nest.described.edge.idle_timeout,
            "deletion_protection.enabled": nest.system.parameters.get("DeletionProtection"),
            "routing.http.drop_invalid_header_fields.enabled": True,
        }
        found = attributes(balancer, listed)
        for key, value in wanted.items():
            if found.get(key) != text(value):
                message = f"must have {key} {text(value)}, found {found.get(key)}"
                yield Hit(balancer, message, (listed,))
        mode = found.get("routing.http.desync_mitigation_mode", "defensive")
        if mode not in ("defensive", "strictest"):
            message = f"lets requests that servers read differently through: {mode}"
            yield Hit(balancer, message, (listed,))
    for parts in nest.services.values():
        for group in parts.of_type(TARGET_GROUP):
            delay = attributes(group, "TargetGroupAttributes").get(
                "deregistration_delay.timeout_seconds"
            )
            if delay != text(parts.spec.deregistration_delay):
                message = f"must be {parts.spec.deregistration_delay} seconds, found {delay}"
                yield Hit(group, message, ("TargetGroupAttributes",))


@rule("E9744")
def grace_as_described(nest: Nest) -> Hits:
    """Require the described start period as grace period behind the load balancer: before it is
    over, a task that is starting counts as unwell.
    """
    for parts, service in nest.ecs_services():
        grace = service.properties.get("HealthCheckGracePeriodSeconds")
        if parts.spec.routes and text(grace) != text(parts.spec.health_check.start_period):
            message = f"must be {parts.spec.health_check.start_period}, found {grace}"
            yield Hit(service, message, ("HealthCheckGracePeriodSeconds",))
