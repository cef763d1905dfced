"""The web ACL before the load balancer: it is there as described, in the way, and recorded."""

from typing import Final

from checks.consistency.nest import (
    LOAD_BALANCER,
    LOG_GROUP,
    Nest,
    below,
    each,
    every,
    section,
    text,
)
from checks.consistency.rule import Hit, Hits, rule

WEB_ACL: Final = "AWS::WAFv2::WebACL"
ASSOCIATION: Final = "AWS::WAFv2::WebACLAssociation"
LOGGING: Final = "AWS::WAFv2::LoggingConfiguration"

GROUPS: Final = frozenset(
    {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    }
)
"""AWS's rules that PCI DSS 6.4.2 has use for: injected code, known bad inputs, known attackers."""

SECRET_HEADERS: Final = frozenset({"authorization", "cookie"})


@rule("E9758")
def firewall_as_described(nest: Nest) -> Hits:
    """Require a web ACL with AWS's rules and the described limit of requests before each load
    balancer, where described: rules that only count, or that no request passes, refuse nobody.
    """
    acls = nest.system.of_type(WEB_ACL)
    if not nest.described.has_web_acl:
        for acl in acls:
            yield Hit(acl, "is not in the description")
        return
    before = {
        text(one.properties.get("ResourceArn")): text(one.properties.get("WebACLArn"))
        for one in nest.system.of_type(ASSOCIATION)
    }
    for balancer in nest.system.of_type(LOAD_BALANCER):
        if before.get(nest.identity(balancer)) not in {nest.identity(one, "Arn") for one in acls}:
            yield Hit(balancer, "must have a web ACL of this system before it")
    for acl in acls:
        if acl.properties.get("Scope") != "REGIONAL":
            yield Hit(acl, "must be REGIONAL: it is for a load balancer", ("Scope",))
        found = set()
        limits = []
        for index, one in enumerate(each(acl.properties, "Rules")):
            statement = section(one, "Statement")
            group = below(statement, "ManagedRuleGroupStatement", "Name")
            limit = below(statement, "RateBasedStatement", "Limit")
            vendor = below(statement, "ManagedRuleGroupStatement", "VendorName")
            if vendor == "AWS" and below(one, "OverrideAction", "None") is not None:
                found.add(str(group))
            window = below(statement, "RateBasedStatement", "EvaluationWindowSec")
            if window is not None and text(window) != "300":
                yield Hit(acl, f"counts requests of {window} seconds, not of 300", ("Rules", index))
            if limit is not None and below(one, "Action", "Block") is not None:
                limits.append(text(limit))
            if group is not None and below(one, "OverrideAction", "Count") is not None:
                yield Hit(acl, f"only counts what {group} finds", ("Rules", index))
        if missing := sorted(GROUPS - found):
            yield Hit(acl, f"must have {', '.join(missing)}", ("Rules",))
        limit = nest.described.edge.rate_limit
        if limits != ([] if limit is None else [text(limit)]):
            yield Hit(acl, f"must refuse more than {limit} requests, found {limits}", ("Rules",))


@rule("E9759")
def firewall_unrecorded(nest: Nest) -> Hits:
    """Require that a web ACL writes what it sees to a log group of this system, without the headers
    that let somebody in (PCI DSS 10.2 and 3.3).
    """
    logs = nest.system.of_type(LOGGING)
    groups = nest.system.of_type(LOG_GROUP)
    for acl in nest.system.of_type(WEB_ACL):
        own = [
            one
            for one in logs
            if text(one.properties.get("ResourceArn")) == nest.identity(acl, "Arn")
        ]
        if len(own) != 1:
            yield Hit(acl, f"must have one logging configuration, found {len(own)}")
        for one in (acl.properties, *each(acl.properties, "Rules")):
            seen = section(one, "VisibilityConfig")
            if text(seen.get("CloudWatchMetricsEnabled")) != "true":
                yield Hit(acl, f"must count what {one.get('Name', 'it')} finds")
            if text(seen.get("SampledRequestsEnabled")) != "false":
                yield Hit(
                    acl, f"must keep no samples of {one.get('Name', 'all')}: they show headers"
                )
    for log in logs:
        places = [text(one) for one in every(log.properties, "LogDestinationConfigs")]
        known = {nest.identity(one, "Arn").removesuffix(":*"): one for one in groups}
        for place in places or [None]:
            group = known.get(str(place).removesuffix(":*"))
            if group is None:
                message = f"must be a log group of this system, found {place}"
                yield Hit(log, message, ("LogDestinationConfigs",))
            elif not str(group.properties.get("LogGroupName")).startswith("aws-waf-logs-"):
                message = "must begin with aws-waf-logs-, as AWS WAF wants it"
                yield Hit(group, message, ("LogGroupName",))
        redacted = {
            str(below(one, "SingleHeader", "Name")).lower()
            for one in each(log.properties, "RedactedFields")
        }
        if missing := sorted(SECRET_HEADERS - redacted):
            yield Hit(log, f"must leave out {', '.join(missing)}", ("RedactedFields",))
        for policy in nest.system.of_type("AWS::Logs::ResourcePolicy"):
            if not nest.waits_for(log, policy):
                yield Hit(log, f"must wait for {policy.logical_id}, which lets it write")
