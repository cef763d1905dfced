"""A web ACL, the load balancer that it protects and the log group that it writes to."""

from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, ref
from tests.localaws.refusals import code_of, refuses_update
from tests.localaws.stacks import Stacks, output, template
from tests.localaws.test_load_balancing_types import BALANCER, VPC

PREFIX = "AWS::WAFv2::"


def visible(metric: str) -> dict[str, Any]:
    return {
        "CloudWatchMetricsEnabled": True,
        "MetricName": metric,
        "SampledRequestsEnabled": False,
    }


def managed(name: str, priority: int, **more: Any) -> dict[str, Any]:
    group = {"VendorName": "AWS", "Name": name, **more}
    return {
        "Name": name,
        "OverrideAction": {"None": {}},
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": group},
        "VisibilityConfig": visible(name),
    }


def rate(limit: int) -> dict[str, Any]:
    return {
        "Action": {"Block": {}},
        "Name": "rate",
        "Priority": 9,
        "Statement": {
            "RateBasedStatement": {
                "AggregateKeyType": "IP",
                "EvaluationWindowSec": 300,
                "Limit": limit,
            }
        },
        "VisibilityConfig": visible("rate"),
    }


COUNTED = [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
RULES = [
    managed("AWSManagedRulesCommonRuleSet", 0, RuleActionOverrides=COUNTED),
    managed("AWSManagedRulesKnownBadInputsRuleSet", 1),
    managed("AWSManagedRulesSQLiRuleSet", 2),
    managed("AWSManagedRulesAmazonIpReputationList", 3),
    rate(2000),
]
PLAIN: Properties = {
    "DefaultAction": {"Allow": {}},
    "Scope": "REGIONAL",
    "VisibilityConfig": visible("edge"),
}


def acl(**properties: Any) -> dict[str, Any]:
    return {"Type": f"{PREFIX}WebACL", "Properties": {**PLAIN, **properties}}


def protecting(*fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "DataProtections": [
            {
                "Action": "SUBSTITUTION",
                "ExcludeRateBasedDetails": False,
                "ExcludeRuleMatchDetails": False,
                "Field": field,
            }
            for field in fields
        ]
    }


HEADERS = {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization", "cookie"]}
BODY = {"FieldType": "BODY"}


def group(name: str) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}


def logging(destination: Any, **properties: Any) -> dict[str, Any]:
    where = {"LogDestinationConfigs": [destination], "ResourceArn": get_att("Acl", "Arn")}
    return {"Type": f"{PREFIX}LoggingConfiguration", "Properties": {**where, **properties}}


def association(name: str = "Acl") -> dict[str, Any]:
    properties = {"ResourceArn": ref("Balancer"), "WebACLArn": get_att(name, "Arn")}
    return {"Type": f"{PREFIX}WebACLAssociation", "Properties": properties}


LOG_GROUP = "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:"
LOGS = {"Logs": group("aws-waf-logs-edge"), "OtherLogs": group("aws-waf-logs-other")}
TO_LOGS = {"Fn::Sub": f"{LOG_GROUP}${{Logs}}"}
TO_OTHER_LOGS = {"Fn::Sub": f"{LOG_GROUP}${{OtherLogs}}"}
ACL = {"Acl": acl()}


def waf(session: LocalSession) -> Any:
    return session.client("wafv2")


def _acl(session: LocalSession, physical_id: str) -> Any:
    name, acl_id, scope = physical_id.split("|")
    return waf(session).get_web_acl(Name=name, Id=acl_id, Scope=scope)["WebACL"]


def read_acl(session: LocalSession, physical_id: str) -> Properties:
    found = _acl(session, physical_id)
    names = ("DataProtectionConfig", "DefaultAction", "Description", "Name", "Rules")
    return {**only(found, *names, "VisibilityConfig"), "Scope": physical_id.split("|")[2]}


def tags_of_acl(session: LocalSession, physical_id: str) -> list[dict[str, str]]:
    arn = _acl(session, physical_id)["ARN"]
    found = waf(session).list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]
    tags: list[dict[str, str]] = found["TagList"]
    return tags


def read_association(session: LocalSession, physical_id: str) -> Properties:
    resource, _, _ = physical_id.partition("|")
    found = waf(session).get_web_acl_for_resource(ResourceArn=resource)["WebACL"]
    return {"ResourceArn": resource, "WebACLArn": found["ARN"]}


def read_logging(session: LocalSession, arn: str) -> Properties:
    found = waf(session).get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    listed = waf(session).list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"]
    assert listed == [found]
    return dict(found)


REDACTED = [
    {"SingleHeader": {"Name": "authorization"}},
    {"SingleHeader": {"Name": "cookie"}},
    {"QueryString": {}},
    {"UriPath": {}},
    {"Method": {}},
]
FILTER = {
    "DefaultBehavior": "KEEP",
    "Filters": [
        {
            "Behavior": "DROP",
            "Conditions": [{"ActionCondition": {"Action": "ALLOW"}}],
            "Requirement": "MEETS_ANY",
        }
    ],
}
CASES = [
    Case(
        f"{PREFIX}WebACL",
        {
            **PLAIN,
            "DataProtectionConfig": protecting(HEADERS, BODY),
            "Description": "in front of the api",
            "Name": "edge",
            "Rules": RULES,
        },
        read_acl,
        tags_of_acl,
        changed={
            "DataProtectionConfig": protecting(BODY),
            "DefaultAction": {"Block": {}},
            "Description": "changed",
            "Rules": [*RULES[:-1], rate(500)],
            "VisibilityConfig": visible("changed"),
        },
    ),
    Case(
        f"{PREFIX}WebACLAssociation",
        association()["Properties"],
        read_association,
        around={**VPC, **BALANCER, **ACL},
    ),
    Case(
        f"{PREFIX}LoggingConfiguration",
        logging(TO_LOGS, LoggingFilter=FILTER, RedactedFields=REDACTED)["Properties"],
        read_logging,
        around={**ACL, **LOGS},
        changed={"LogDestinationConfigs": [TO_OTHER_LOGS], "RedactedFields": REDACTED[:2]},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_a_web_acl_answers_what_templates_ask_for(stacks: Stacks) -> None:
    names = ("Arn", "Id", "Capacity", "LabelNamespace")
    outputs = {name: output(get_att("Acl", name)) for name in names}
    stacks.create(template({"Acl": acl(Rules=RULES, Name="edge")}, Outputs=outputs))
    found, account = stacks.outputs(), stacks.session.account
    assert found["Capacity"] == str(700 + 200 + 200 + 25 + 2)
    assert found["LabelNamespace"] == f"awswaf:{account}:webacl:edge:"
    assert found["Arn"].endswith(f":regional/webacl/edge/{found['Id']}")
    assert stacks.physical_id("Acl") == f"edge|{found['Id']}|REGIONAL"


def test_a_new_name_makes_a_new_web_acl_that_takes_over(stacks: Stacks) -> None:
    around = {**VPC, **BALANCER, "Association": association()}
    stacks.create(template({**around, "Acl": acl(Name="old")}))
    updated = stacks.update(template({**around, "Acl": acl(Name="new")}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    balancer = stacks.physical_id("Balancer")
    found = waf(stacks.session).get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]
    assert found["Name"] == "new"
    names = [
        each["Name"] for each in waf(stacks.session).list_web_acls(Scope="REGIONAL")["WebACLs"]
    ]
    assert names == ["new"]


def rule(**changed: Any) -> dict[str, Any]:
    changed_rule = {**RULES[0], **changed}
    return {name: value for name, value in changed_rule.items() if value is not None}


WRONG_RULES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "an unknown group": ([managed("AWSManagedRulesCommonRules", 0)], "doesn't exist"),
    "a group with an action": ([rule(Action={"Block": {}})], "needs OverrideAction"),
    "a group without an override": ([rule(OverrideAction=None)], "needs OverrideAction"),
    "no action": ([{**rate(2000), "Action": None}], "needs Action"),
    "a limit too small": ([rate(9)], "must be from 10"),
    "a priority twice": ([RULES[0], rule(Name="again")], "The Priority of two rules"),
    "a name twice": ([RULES[0], rule(Priority=5)], "The Name of two rules"),
    "no statement": ([rule(Statement={})], "exactly one statement"),
    "too many": (
        [rule(Name=str(number), Priority=number) for number in range(8)],
        "exceeded your resource limit",
    ),
}


@pytest.mark.parametrize("fault", WRONG_RULES)
def test_rules_that_waf_does_not_take_are_refused(stacks: Stacks, fault: str) -> None:
    rules, reason = WRONG_RULES[fault]
    stated = [{n: v for n, v in each.items() if v is not None} for each in rules]
    stacks.create(template({"Acl": acl(Rules=stated)}))
    assert reason in stacks.failures()["Acl"]


def test_rules_that_waf_does_not_take_are_refused_in_an_update(stacks: Stacks) -> None:
    failures = refuses_update(stacks, ACL, {"Acl": acl(Rules=[rate(9)])})
    assert "must be from 10" in failures["Acl"]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"FieldType": "BODY", "FieldKeys": ["card"]}, "not BODY"),
        ({"FieldType": "SINGLE_HEADER"}, "SINGLE_HEADER needs FieldKeys"),
    ],
)
def test_parts_of_requests_that_waf_can_not_protect_are_refused(
    stacks: Stacks, field: dict[str, Any], reason: str
) -> None:
    stacks.create(template({"Acl": acl(DataProtectionConfig=protecting(field))}))
    assert reason in stacks.failures()["Acl"]


def test_what_a_web_acl_protects_must_exist(stacks: Stacks) -> None:
    nowhere = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/no/1"
    properties = {"ResourceArn": nowhere, "WebACLArn": get_att("Acl", "Arn")}
    about = {"Type": f"{PREFIX}WebACLAssociation", "Properties": properties}
    stacks.create(template({**ACL, "Association": about}))
    assert "WAFNonexistentItemException" in stacks.failures()["Association"]


def test_a_load_balancer_takes_no_web_acl_of_cloudfront(stacks: Stacks) -> None:
    resources = {**VPC, **BALANCER, "Acl": acl(Scope="CLOUDFRONT"), "Association": association()}
    stacks.create(template(resources))
    assert "WAFInvalidParameterException" in stacks.failures()["Association"]


def test_a_web_acl_in_use_stays(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **BALANCER, **ACL, "Association": association()}))
    name, acl_id, scope = stacks.physical_id("Acl").split("|")
    api, where = waf(stacks.session), {"Name": name, "Id": acl_id, "Scope": scope}
    token = api.get_web_acl(**where)["LockToken"]
    refused = code_of(api.delete_web_acl, **where, LockToken=token)
    assert refused == "WAFAssociatedItemException"
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_an_association_can_not_be_renamed(stacks: Stacks) -> None:
    around = {**VPC, **BALANCER, **ACL}
    before, after = ({**around, name: association()} for name in ("Old", "New"))
    assert "already exists" in refuses_update(stacks, before, after)["New"]


WRONG_DESTINATIONS: dict[str, tuple[Any, str]] = {
    "another name": ({"Fn::Sub": f"{LOG_GROUP}/waf/logs"}, "The ARN isn't valid"),
    "with a star": (get_att("Logs", "Arn"), "The ARN isn't valid"),
    "another service": ("arn:aws:s3:::aws-waf-logs-edge", "The ARN isn't valid"),
    "not there": ({"Fn::Sub": f"{LOG_GROUP}aws-waf-logs-none"}, "Unable to deliver logs"),
}


@pytest.mark.parametrize("fault", WRONG_DESTINATIONS)
def test_a_log_group_that_waf_does_not_take_is_refused(stacks: Stacks, fault: str) -> None:
    destination, reason = WRONG_DESTINATIONS[fault]
    stacks.create(template({**ACL, **LOGS, "Logging": logging(destination)}))
    assert reason in stacks.failures()["Logging"]


def test_a_web_acl_logs_to_one_place(stacks: Stacks) -> None:
    two = logging(TO_LOGS, LogDestinationConfigs=[TO_LOGS, TO_OTHER_LOGS])
    stacks.create(template({**ACL, **LOGS, "Logging": two}))
    assert "Exactly one log destination" in stacks.failures()["Logging"]


def test_a_logging_configuration_can_not_be_renamed(stacks: Stacks) -> None:
    around = {**ACL, **LOGS}
    before, after = ({**around, name: logging(TO_LOGS)} for name in ("Old", "New"))
    assert "already exists" in refuses_update(stacks, before, after)["New"]


def test_a_removed_logging_configuration_is_gone(stacks: Stacks) -> None:
    stacks.create(template({**ACL, **LOGS, "Logging": logging(TO_LOGS)}))
    arn = stacks.physical_id("Logging")
    stacks.update(template({**ACL, **LOGS}))
    refused = code_of(waf(stacks.session).get_logging_configuration, ResourceArn=arn)
    assert refused == "WAFNonexistentItemException"
