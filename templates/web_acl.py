"""Web ACL: what AWS WAF refuses before it reaches the load balancer, and its log."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from troposphere import GetAtt, Ref, encode_to_dict, logs, wafv2

from description.model import System
from description.surroundings import ManagedGroup
from templates import iam, recording
from templates.edges import Stack, StackTemplate
from templates.kinds import Days, EnvironmentSuffix, KeyArn, LoadBalancerArn, WebAclArn
from templates.lifecycle import keep
from templates.names import named, suffixed, web_acl_log_group_name

MANAGED_GROUPS: Final = tuple(ManagedGroup)
"""AWS's groups. They take 25, 200, 700 and 200 capacity units, and the limit on rates 2: 1,127 of
the 1,500 that the price of a web ACL includes.

Source: AWS WAF Developer Guide, "AWS Managed Rules rule groups list" and "Web ACL capacity units".
"""

SECRET_HEADERS: Final = ("authorization", "cookie", "x-api-key")
"""Headers whose values let somebody in: the log has their names only."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the web ACL needs to know."""

    environment_suffix: EnvironmentSuffix
    log_retention_days: Days
    log_key_arn: KeyArn | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What is before the load balancer."""

    web_acl_arn: WebAclArn


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the web ACL of ``system``."""
    return Stack("web-acl", f"Web ACL of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the template of the web ACL and its log."""
    acl = t.add_resource(web_acl(system, given.environment_suffix))
    group = t.add_resource(log_group(system, given))
    policy = t.add_resource(log_policy(system, given.environment_suffix, group))
    t.add_resource(logging(acl, group, policy))
    return Outputs(web_acl_arn=WebAclArn(GetAtt(acl, "Arn")))


def association(balancer: LoadBalancerArn, acl: WebAclArn) -> wafv2.WebACLAssociation:
    """Return what puts the web ACL before the load balancer. It is the parent's, as that is: the
    web ACL is made while the load balancer is.
    """
    return wafv2.WebACLAssociation("WebAclAssociation", ResourceArn=balancer, WebACLArn=acl)


def web_acl(system: System, suffix: EnvironmentSuffix) -> wafv2.WebACL:
    """Return the web ACL: it refuses what a rule finds and lets everything else through."""
    counted = system.edge.counted_rules
    rules = [managed_group(name, counted.get(name, ())) for name in MANAGED_GROUPS]
    if system.edge.rate_limit is not None:
        rules.insert(0, limit_on_rates(system.edge.rate_limit))
    for priority, rule in enumerate(rules):
        rule.Priority = priority
    return wafv2.WebACL(
        "WebAcl",
        Description=f"What reaches the load balancer of {system.name}",
        Scope="REGIONAL",
        DefaultAction=wafv2.DefaultAction(Allow=wafv2.AllowAction()),
        DataProtectionConfig=protection(),
        Rules=rules,
        VisibilityConfig=visibility(suffixed(system.name, suffix)),
        Tags=named(f"{system.name_prefix}-web-acl", suffix),
    )


def protection() -> wafv2.DataProtectionConfig:
    """Return what AWS WAF replaces wherever it shows requests, also in the details of what a rule
    found, which quote headers and bodies: the headers that let somebody in, and the body, which
    may hold card data.

    What is left says who asked for what, and which rule refused which part of it. Query strings
    stay: without them nobody can tell an attack from a mistake, and the access log has them.

    Source: AWS WAF API Reference, "DataProtection" and "FieldToProtect".
    """
    headers = wafv2.FieldToProtect(FieldType="SINGLE_HEADER", FieldKeys=list(SECRET_HEADERS))
    body = wafv2.FieldToProtect(FieldType="BODY")
    return wafv2.DataProtectionConfig(
        DataProtections=[
            wafv2.DataProtect(
                Field=field,
                Action="SUBSTITUTION",
                ExcludeRuleMatchDetails=False,
                ExcludeRateBasedDetails=False,
            )
            for field in (headers, body)
        ]
    )


def limit_on_rates(limit: int) -> wafv2.WebACLRule:
    """Return the rule that refuses an address with more than ``limit`` requests in five minutes,
    and tells it so: 429 is "Too Many Requests".
    """
    too_many = wafv2.BlockAction(CustomResponse=wafv2.CustomResponse(ResponseCode=429))
    return wafv2.WebACLRule(
        "LimitRates",
        Name="LimitRates",
        Action=wafv2.RuleAction(Block=too_many),
        Statement=wafv2.Statement(
            RateBasedStatement=wafv2.RateBasedStatement(
                AggregateKeyType="IP", EvaluationWindowSec=300, Limit=limit
            )
        ),
        VisibilityConfig=visibility("LimitRates"),
    )


def managed_group(name: ManagedGroup, counted: Iterable[str]) -> wafv2.WebACLRule:
    """Return a group of rules that AWS keeps up to date, each with the action that AWS chose; those
    that are ``counted`` only count.
    """
    as_it_is = wafv2.OverrideAction()
    setattr(as_it_is, "None", {})
    group = wafv2.ManagedRuleGroupStatement(VendorName="AWS", Name=name.value)
    overrides = [
        wafv2.RuleActionOverride(Name=rule, ActionToUse=wafv2.RuleAction(Count=wafv2.CountAction()))
        for rule in counted
    ]
    if overrides:
        group.RuleActionOverrides = overrides
    return wafv2.WebACLRule(
        name.value,
        Name=name.value,
        OverrideAction=as_it_is,
        Statement=wafv2.Statement(ManagedRuleGroupStatement=group),
        VisibilityConfig=visibility(name.value),
    )


def visibility(metric: object) -> wafv2.VisibilityConfig:
    """Return metrics, and no samples: those would show headers that the log does not have."""
    return wafv2.VisibilityConfig(
        CloudWatchMetricsEnabled=True, MetricName=metric, SampledRequestsEnabled=False
    )


def log_group(system: System, given: Inputs) -> logs.LogGroup:
    """Return the log group of the web ACL."""
    group = logs.LogGroup(
        "WebAclLogGroup",
        LogGroupName=web_acl_log_group_name(system.name, given.environment_suffix),
        RetentionInDays=given.log_retention_days,
    )
    if given.log_key_arn is not None:
        group.KmsKeyId = given.log_key_arn
    return keep(group, system.removal_policy)


def log_policy(
    system: System, suffix: EnvironmentSuffix, group: logs.LogGroup
) -> logs.ResourcePolicy:
    """Return what lets the web ACL write to its log group, and goes with it.

    Known: AWS WAF also writes a policy by itself, on the log group, if whoever turns logging on
    may; this one is for the region, which has ten. Not known, as nobody has tried: whether AWS
    WAF's own is enough, and goes with a stack. If it is, this one can go.

    Source: AWS WAF API Reference, "LoggingConfiguration"; CloudWatch Logs User Guide, "Quotas".
    """
    document = iam.policy(recording.deliver_to_log_group(GetAtt(group, "Arn")))
    return logs.ResourcePolicy(
        "WebAclLogPolicy",
        PolicyName=suffixed(f"{system.name}-web-acl-logs", suffix),
        PolicyDocument=encode_to_dict(document),  # troposphere measures it, and knows no reference
    )


def logging(
    acl: wafv2.WebACL, group: logs.LogGroup, policy: logs.ResourcePolicy
) -> wafv2.LoggingConfiguration:
    """Return what sends the web ACL's log to its group. AWS WAF takes the group's ARN without the
    ``:*`` at the end of the attribute.

    The headers are left out here as well: the log is without them whatever becomes of the web
    ACL's own protection.
    """
    return wafv2.LoggingConfiguration(
        "WebAclLogging",
        ResourceArn=GetAtt(acl, "Arn"),
        LogDestinationConfigs=[iam.arn("logs", "log-group:", Ref(group))],
        RedactedFields=[
            wafv2.LoggingConfigurationFieldToMatch(SingleHeader=wafv2.SingleHeader(Name=header))
            for header in SECRET_HEADERS
        ],
        DependsOn=policy.title,
    )
