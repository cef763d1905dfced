"""Web ACL: what is refused before it reaches the load balancer, and what is logged of it."""

import json
from typing import Any

import pytest

from checks.rendering import Node, Rendering
from description.cost import web_acl_rules
from description.surroundings import ManagedGroup
from templates.render import render
from tests.resolved import Resources, as_deployed, deployed, the
from tests.systems_under_test import FILES, REFERENCES, described, rendered

ROUTED = [name for name in sorted(FILES) if described(name).routed]
GROUP = "WebAcl/WebAclLogGroup"
CAPACITY = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
}
"""Capacity units (AWS WAF Developer Guide, "AWS Managed Rules rule groups list")."""


def acl(system: str) -> Node:
    return the(deployed(system), "AWS::WAFv2::WebACL")


def groups(found: Node) -> list[str]:
    managed = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in found["Rules"]]
    return [one["Name"] for one in managed if one]


def gateway_with(**edge: Any) -> Rendering:
    system = described("gateway")
    changed = system.edge.model_copy(update=edge)
    return Rendering("gateway", render(system.model_copy(update={"edge": changed})))


def gateways_resources(**edge: Any) -> Resources:
    return as_deployed(gateway_with(**edge))


@pytest.mark.parametrize("system", ROUTED)
def test_all_that_reaches_the_load_balancer_passes_the_web_acl(system: str) -> None:
    association = the(deployed(system), "AWS::WAFv2::WebACLAssociation")

    assert acl(system)["Scope"] == "REGIONAL"
    assert association == {
        "ResourceArn": "LoadBalancer",
        "WebACLArn": "WebAcl/WebAcl.Arn",
    }


def test_a_rule_that_the_description_names_only_counts() -> None:
    counted = {ManagedGroup.COMMON: ("SizeRestrictions_BODY",)}
    found = the(gateways_resources(counted_rules=counted), "AWS::WAFv2::WebACL")
    overridden = {
        rule["Name"]: rule["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
        for rule in found["Rules"]
        if "RuleActionOverrides" in rule["Statement"].get("ManagedRuleGroupStatement", {})
    }

    assert overridden == {
        "AWSManagedRulesCommonRuleSet": [
            {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
        ]
    }


@pytest.mark.parametrize("system", ROUTED)
def test_requests_are_judged_by_aws_s_groups_which_refuse_and_do_not_only_count(
    system: str,
) -> None:
    found = acl(system)
    managed = [one for one in found["Rules"] if "ManagedRuleGroupStatement" in one["Statement"]]

    assert set(groups(found)) == CAPACITY.keys()
    assert [one["OverrideAction"] for one in managed] == [{"None": {}}] * len(CAPACITY)
    assert found["DefaultAction"] == {"Allow": {}}


@pytest.mark.parametrize("system", ROUTED)
def test_the_rules_fit_into_the_capacity_that_a_web_acl_s_price_includes(system: str) -> None:
    found = acl(system)
    others = len(found["Rules"]) - len(groups(found))

    assert sum(CAPACITY[name] for name in groups(found)) + 2 * others == 1127 <= 1500


@pytest.mark.parametrize("system", ROUTED)
def test_an_address_with_too_many_requests_is_refused_before_anything_else(system: str) -> None:
    first = min(acl(system)["Rules"], key=lambda rule: int(rule["Priority"]))

    assert first["Statement"]["RateBasedStatement"] == {
        "AggregateKeyType": "IP",
        "EvaluationWindowSec": 300,
        "Limit": described(system).edge.rate_limit,
    }
    assert first["Action"] == {"Block": {"CustomResponse": {"ResponseCode": 429}}}


def test_the_limit_of_requests_is_the_one_described_or_none() -> None:
    limited = the(gateways_resources(rate_limit=100), "AWS::WAFv2::WebACL")
    unlimited = the(gateways_resources(rate_limit=None), "AWS::WAFv2::WebACL")

    assert limited["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] == 100
    assert len(unlimited["Rules"]) == len(groups(unlimited)) == len(CAPACITY)
    assert [rule["Priority"] for rule in unlimited["Rules"]] == [0, 1, 2, 3]


@pytest.mark.parametrize("system", ROUTED)
def test_each_rule_has_its_own_place_and_metric_and_keeps_no_samples(system: str) -> None:
    found = acl(system)
    visible = [one["VisibilityConfig"] for one in (found, *found["Rules"])]

    assert [rule["Priority"] for rule in found["Rules"]] == [0, 1, 2, 3, 4]
    assert len({one["MetricName"] for one in visible}) == len(visible) == 6
    assert {one["CloudWatchMetricsEnabled"] for one in visible} == {True}
    # Samples would show the headers that the log leaves out.
    assert {one["SampledRequestsEnabled"] for one in visible} == {False}


@pytest.mark.parametrize("system", ROUTED)
def test_the_web_acl_logs_without_what_lets_somebody_in(system: str) -> None:
    logging = the(deployed(system), "AWS::WAFv2::LoggingConfiguration")
    name = deployed(system)[GROUP]["Properties"]["LogGroupName"]

    assert logging["ResourceArn"] == "WebAcl/WebAcl.Arn"
    assert logging["LogDestinationConfigs"] == [
        f"arn:aws-x:logs:eu-west-3:444455556666:log-group:{GROUP}"
    ]
    assert logging["RedactedFields"] == [
        {"SingleHeader": {"Name": header}} for header in ("authorization", "cookie", "x-api-key")
    ]
    assert name == f"aws-waf-logs-{system}-blue"


@pytest.mark.parametrize("system", ROUTED)
def test_the_web_acl_quotes_neither_bodies_nor_what_lets_somebody_in(system: str) -> None:
    protections = acl(system)["DataProtectionConfig"]["DataProtections"]

    assert [one["Field"] for one in protections] == [
        {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization", "cookie", "x-api-key"]},
        {"FieldType": "BODY"},
    ]
    for one in protections:
        assert one["Action"] == "SUBSTITUTION"
        assert one["ExcludeRuleMatchDetails"] is one["ExcludeRateBasedDetails"] is False


@pytest.mark.parametrize("system", REFERENCES)
def test_the_log_of_the_web_acl_may_be_delivered_before_it_is_turned_on(system: str) -> None:
    resources = deployed(system)
    policy = resources["WebAcl/WebAclLogPolicy"]["Properties"]

    assert resources["WebAcl/WebAclLogging"]["DependsOn"] == ["WebAcl/WebAclLogPolicy"]
    assert policy["PolicyName"] == f"{system}-web-acl-logs-blue"
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "DeliverLogs",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"{GROUP}.Arn"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "444455556666"},
                "ArnLike": {"aws:SourceArn": "arn:aws-x:logs:eu-west-3:444455556666:*"},
            },
        }
    ]


def test_the_log_of_the_web_acl_is_kept_as_those_of_containers() -> None:
    group, other = (
        deployed("gateway")[name] for name in ("WebAcl/WebAclLogGroup", "Roles/ApiGatewayLogGroup")
    )

    assert group["Properties"].keys() == other["Properties"].keys()
    for name in ("RetentionInDays", "KmsKeyId"):
        assert group["Properties"][name] == other["Properties"][name]
    assert group["DeletionPolicy"] == other["DeletionPolicy"] == "RetainExceptOnCreate"


def test_the_log_of_the_web_acl_goes_with_the_rest_where_nothing_is_retained() -> None:
    system = described("gateway").model_copy(update={"removal_policy": "destroy"})

    group = as_deployed(Rendering("gateway", render(system)))[GROUP]
    assert (group["DeletionPolicy"], group["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_a_system_that_wants_no_web_acl_has_nothing_of_it() -> None:
    rendering = gateway_with(web_acl="none")
    resources = as_deployed(rendering)

    assert [address for address in resources if "WebAcl" in address] == []
    assert "aws-waf-logs" not in str(resources["Security/LogKey"])


def test_without_a_load_balancer_there_is_no_web_acl_either() -> None:
    system = described("gateway")
    services = {
        name: spec.model_copy(update={"routes": ()}) for name, spec in system.services.items()
    }
    unrouted = system.model_copy(update={"services": services})
    rendering = Rendering("gateway", render(unrouted))

    assert [address for address in as_deployed(rendering) if "WebAcl" in address] == []
    assert "aws-waf-logs" not in str(rendering.templates["security.json"])
    assert web_acl_rules(unrouted) == 0


@pytest.mark.parametrize("system", ROUTED)
def test_rules_are_counted_as_they_are_paid_for(system: str) -> None:
    assert web_acl_rules(described(system)) == len(acl(system)["Rules"])


def test_two_systems_with_one_prefix_log_apart() -> None:
    names = {deployed(system)[GROUP]["Properties"]["LogGroupName"] for system in REFERENCES}

    assert {described(system).name_prefix for system in REFERENCES} == {"payment"}
    assert len(names) == len(REFERENCES)
    assert "WebAclLogGroup" in rendered("gateway").templates["web-acl.json"]["Resources"]


@pytest.mark.parametrize("system", ROUTED)
def test_the_web_acl_is_made_beside_the_load_balancer_and_waits_for_nothing_of_it(
    system: str,
) -> None:
    given = json.dumps(rendered(system).templates["parent.json"]["Resources"]["WebAcl"])

    assert "WebAclAssociation" in rendered(system).templates["parent.json"]["Resources"]
    assert "LoadBalancer" not in given
    assert "LoadBalancer" not in json.dumps(rendered(system).templates["web-acl.json"])
