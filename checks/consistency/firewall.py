"""The web ACL before the load balancer: it is there as described, in the way, and recorded."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

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
from checks.rendering import Node
from checks.resolved import Resource
from description.surroundings import Edge

WEB_ACL: Final = "AWS::WAFv2::WebACL"
ASSOCIATION: Final = "AWS::WAFv2::WebACLAssociation"
LOGGING: Final = "AWS::WAFv2::LoggingConfiguration"

GROUPS: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)
"""AWS's rules that PCI DSS 6.4.2 has use for, in the order of their priority: known attackers,
known bad inputs, injected code.
"""

OF_AN_ACL: Final = frozenset(
    {
        "DataProtectionConfig",
        "DefaultAction",
        "Description",
        "Rules",
        "Scope",
        "Tags",
        "VisibilityConfig",
    }
)
OF_LOGGING: Final = frozenset({"LogDestinationConfigs", "RedactedFields", "ResourceArn"})
"""Not ``LoggingFilter``, which drops requests from the log."""

SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "x-api-key"})


@rule("E9758")
def firewall_as_described(nest: Nest) -> Hits:
    """Require before each load balancer, where described, a web ACL with exactly AWS's rules and
    the described limit of requests: a rule before them that allows, one that is for a part of the
    requests, and one that only counts let through what is to be refused.
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
        if unknown := sorted(acl.properties.keys() - OF_AN_ACL):
            yield Hit(acl, f"has {', '.join(unknown)}, which no web ACL of ours has")
        if acl.properties.get("DefaultAction") != {"Allow": {}}:
            yield Hit(acl, "must let through what no rule refuses", ("DefaultAction",))
        wanted = list(_rules(nest.described.edge))
        found = [_plain(one) for one in every(acl.properties, "Rules")]
        for index, (one, ours) in enumerate(zip_longest(found, wanted)):
            where = ("Rules", index)
            if ours is None:
                yield Hit(acl, "is not in the description", where)
            elif one != {**ours[1], "Priority": str(index)}:
                yield Hit(acl, f"must be {ours[0]} at {index}: {json.dumps(ours[1])}", where)


def _rules(edge: Edge) -> Iterator[tuple[str, Node]]:
    """Yield each rule of the web ACL of ``edge``, in order, with what is said of it; all numbers as
    text.
    """
    if edge.rate_limit is not None:
        limit = {"AggregateKeyType": "IP", "EvaluationWindowSec": "300"}
        yield (
            "the limit of requests",
            {
                "Action": {"Block": {"CustomResponse": {"ResponseCode": "429"}}},
                "Statement": {"RateBasedStatement": {**limit, "Limit": str(edge.rate_limit)}},
            },
        )
    counted = {group.value: rules for group, rules in edge.counted_rules.items()}
    for name in GROUPS:
        group: Node = {"VendorName": "AWS", "Name": name}
        if name in counted:
            group["RuleActionOverrides"] = [
                {"Name": one, "ActionToUse": {"Count": {}}} for one in counted[name]
            ]
        yield (
            name,
            {
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": group},
            },
        )


def _plain(found: Any) -> Any:
    """Return a rule without its name and its metric, which decide nothing; all numbers as text."""
    if not isinstance(found, dict):
        return found
    return {
        name: _as_texts(one)
        for name, one in found.items()
        if name not in ("Name", "VisibilityConfig")
    }


def _as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_texts(one) for one in value]
    return text(value)


@rule("E9759")
def firewall_unrecorded(nest: Nest) -> Hits:
    """Require that a web ACL writes what it sees to a log group of this system, without bodies and
    the headers that let somebody in, also where it quotes what a rule found (PCI DSS 10.2 and 3.3).
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
        if missing := sorted(_SHOWN_NOWHERE - set(_protected(acl))):
            yield Hit(acl, f"must show {', '.join(missing)} nowhere", ("DataProtectionConfig",))
        for one in (acl.properties, *each(acl.properties, "Rules")):
            seen = section(one, "VisibilityConfig")
            if text(seen.get("CloudWatchMetricsEnabled")) != "true":
                yield Hit(acl, f"must count what {one.get('Name', 'it')} finds")
            if text(seen.get("SampledRequestsEnabled")) != "false":
                yield Hit(
                    acl, f"must keep no samples of {one.get('Name', 'all')}: they show headers"
                )
    for log in logs:
        if unknown := sorted(log.properties.keys() - OF_LOGGING):
            yield Hit(log, f"has {', '.join(unknown)}: all that it sees must be recorded")
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


_SHOWN_NOWHERE: Final = SECRET_HEADERS | {"body"}


def _protected(acl: Resource) -> Iterator[str]:
    """Yield the headers, and "body", that a web ACL replaces wherever it shows a request."""
    for one in each(acl.properties, "DataProtectionConfig", "DataProtections"):
        details = ("ExcludeRuleMatchDetails", "ExcludeRateBasedDetails")
        if any(text(one.get(name, "false")) != "false" for name in details):
            continue
        field = section(one, "Field")
        match field.get("FieldType"):
            case "BODY":
                yield "body"
            case "SINGLE_HEADER":
                yield from (str(key).lower() for key in every(field, "FieldKeys"))
