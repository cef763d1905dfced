"""Alarms, and the topics that tell of them."""

import json
from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, ref
from tests.localaws.stacks import Stacks, output, template

PREFIX = "AWS::SNS::"
TOPICS = {name: {"Type": f"{PREFIX}Topic", "Properties": {}} for name in ("Topic", "OtherTopic")}


def policy(*actions: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": list(actions),
        "Resource": ref("Topic"),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def cloudwatch(session: LocalSession) -> Any:
    return session.client("cloudwatch")


def sns(session: LocalSession) -> Any:
    return session.client("sns")


METRIC = {
    "Dimensions": [{"Name": "ServiceName", "Value": "api"}],
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/ECS",
    "Period": 60,
}
ALARM: Properties = {
    **METRIC,
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 3,
    "Statistic": "Maximum",
    "Threshold": 90.0,
}
MATH = [
    {"Id": "share", "Expression": "errors / calls", "Label": "Share", "ReturnData": True},
    *(
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Dimensions": [{"Name": "LoadBalancer", "Value": "app/x/1"}],
                    "MetricName": metric,
                    "Namespace": "AWS/ApplicationELB",
                },
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name, metric in (("errors", "HTTPCode_Target_5XX_Count"), ("calls", "RequestCount"))
    ),
]


def read_alarm(session: LocalSession, name: str) -> Properties:
    found = cloudwatch(session).describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return only(found, *(n for n in found if not n.startswith(("State", "AlarmArn", "AlarmConf"))))


def tags_of_alarm(session: LocalSession, name: str) -> list[dict[str, str]]:
    arn = cloudwatch(session).describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]
    found: list[dict[str, str]]
    found = cloudwatch(session).list_tags_for_resource(ResourceARN=arn)["Tags"]
    return found


def _topic(session: LocalSession, arn: str) -> dict[str, str]:
    found: dict[str, str] = sns(session).get_topic_attributes(TopicArn=arn)["Attributes"]
    return found


def read_topic(session: LocalSession, arn: str) -> Properties:
    names = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
    return {**only(_topic(session, arn), *names), "TopicName": arn.rpartition(":")[2]}


def tags_of_topic(session: LocalSession, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = sns(session).list_tags_for_resource(ResourceArn=arn)["Tags"]
    return found


def read_policy(session: LocalSession, _policy_id: str) -> Properties:
    """A policy that somebody made has no conditions; that of a new topic has."""
    topics = [topic["TopicArn"] for topic in sns(session).list_topics()["Topics"]]
    policies = {arn: json.loads(_topic(session, arn)["Policy"]) for arn in topics}
    made = {a: p for a, p in policies.items() if "Condition" not in p["Statement"][0]}
    documents = [document for arn, document in made.items()]
    assert all(document == documents[0] for document in documents)
    return {"PolicyDocument": documents[0], "Topics": sorted(made, reverse=True)}


def read_subscription(session: LocalSession, arn: str) -> Properties:
    found = sns(session).get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["PendingConfirmation"] == "true"
    names = ("Endpoint", "FilterPolicyScope", "Protocol", "TopicArn")
    return {
        **only(found, *names),
        "FilterPolicy": json.loads(found["FilterPolicy"]),
        "RawMessageDelivery": found["RawMessageDelivery"] == "true",
    }


SUBSCRIPTION = {"Endpoint": "ops@payments.example", "Protocol": "email", "TopicArn": ref("Topic")}
KEY = {
    "Key": {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
                ],
            }
        },
    }
}
CASES = [
    Case(
        "AWS::CloudWatch::Alarm",
        {
            **ALARM,
            "ActionsEnabled": True,
            "AlarmActions": [ref("Topic")],
            "AlarmDescription": "The service is busy",
            "AlarmName": "api-cpu",
            "DatapointsToAlarm": 2,
            "InsufficientDataActions": [ref("OtherTopic")],
            "OKActions": [ref("Topic"), ref("OtherTopic")],
            "TreatMissingData": "notBreaching",
            "Unit": "Percent",
        },
        read_alarm,
        tags_of_alarm,
        TOPICS,
        changed={"Threshold": 80.5, "ActionsEnabled": False, "AlarmActions": [ref("OtherTopic")]},
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        {
            **{name: value for name, value in ALARM.items() if name != "Statistic"},
            "ActionsEnabled": True,
            "AlarmName": "api-p99",
            "EvaluateLowSampleCountPercentile": "ignore",
            "ExtendedStatistic": "p99",
            "TreatMissingData": "missing",
        },
        read_alarm,
        tags_of_alarm,
        changed={"ExtendedStatistic": "p95"},
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        {
            "ActionsEnabled": True,
            "AlarmName": "errors",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 5,
            "Metrics": MATH,
            "Threshold": 0.05,
            "TreatMissingData": "ignore",
        },
        read_alarm,
        tags_of_alarm,
        changed={"Threshold": 0.1},
    ),
    Case(
        "AWS::CloudWatch::Alarm",
        {
            "ActionsEnabled": True,
            "AlarmName": "unusual",
            "ComparisonOperator": "GreaterThanUpperThreshold",
            "EvaluationPeriods": 5,
            "Metrics": [
                {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(calls)", "ReturnData": False},
                {**MATH[2], "ReturnData": True},
            ],
            "ThresholdMetricId": "band",
            "TreatMissingData": "ignore",
        },
        read_alarm,
        tags_of_alarm,
    ),
    Case(
        f"{PREFIX}Topic",
        {
            "DisplayName": "Alarms",
            "KmsMasterKeyId": ref("Key"),
            "SignatureVersion": "2",
            "TopicName": "alarms",
            "TracingConfig": "Active",
        },
        read_topic,
        tags_of_topic,
        KEY,
        changed={"DisplayName": "Alarms of payments", "KmsMasterKeyId": None},
    ),
    Case(
        f"{PREFIX}TopicPolicy",
        {"PolicyDocument": policy("sns:Publish"), "Topics": [ref("Topic"), ref("OtherTopic")]},
        read_policy,
        around=TOPICS,
        changed={
            "PolicyDocument": policy("sns:Publish", "SNS:Subscribe"),
            "Topics": [ref("Topic")],
        },
    ),
    Case(
        f"{PREFIX}Subscription",
        {
            **SUBSCRIPTION,
            "FilterPolicy": {"severity": ["high"]},
            "FilterPolicyScope": "MessageBody",
            "RawMessageDelivery": False,
        },
        read_subscription,
        around=TOPICS,
        changed={"FilterPolicy": {"severity": ["low"]}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_answers_what_templates_ask_for(stacks: Stacks) -> None:
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM}
    outputs = {
        "Ref": output(ref("Topic")),
        "TopicArn": output(get_att("Topic", "TopicArn")),
        "TopicName": output(get_att("Topic", "TopicName")),
        "Alarm": output(get_att("Alarm", "Arn")),
    }
    stacks.create(template({**TOPICS, "Alarm": alarm}, Outputs=outputs))
    found, name = stacks.outputs(), stacks.physical_id("Alarm")
    assert found["Ref"] == found["TopicArn"] == stacks.physical_id("Topic")
    assert found["TopicArn"].endswith(f":{found['TopicName']}")
    assert found["Alarm"].endswith(f":alarm:{name}")
    assert found["Alarm"].startswith("arn:aws:cloudwatch:us-east-1:")


def test_another_name_makes_another_alarm_and_another_topic(stacks: Stacks) -> None:
    def named(name: str) -> dict[str, Any]:
        return {
            "Topic": {"Type": f"{PREFIX}Topic", "Properties": {"TopicName": name}},
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {**ALARM, "AlarmName": name},
            },
        }

    stacks.create(template(named("one")))
    stacks.update(template(named("two")))
    alarms = cloudwatch(stacks.session).describe_alarms()["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in alarms] == ["two"]
    topics = sns(stacks.session).list_topics()["Topics"]
    assert [topic["TopicArn"].rpartition(":")[2] for topic in topics] == ["two"]


WRONG_ALARMS: dict[str, tuple[dict[str, Any], str]] = {
    "no metric": ({"MetricName": None}, "Exactly one of the parameters MetricName and Metrics"),
    "a metric and metrics": ({"Metrics": MATH}, "Exactly one of the parameters MetricName"),
    "math with a period": ({"MetricName": None, "Metrics": MATH}, "must not be set if Metrics"),
    "no statistic": ({"Statistic": None}, "Statistic and ExtendedStatistic"),
    "two statistics": ({"ExtendedStatistic": "p99"}, "Statistic and ExtendedStatistic"),
    "no namespace": ({"Namespace": None}, "Namespace must be specified"),
    "an odd period": ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60"),
    "no period": ({"Period": None}, "Period must be"),
    "too many periods": ({"Period": 600, "EvaluationPeriods": 145}, "86400 seconds"),
    "too many points": ({"DatapointsToAlarm": 4}, "DatapointsToAlarm must not be greater"),
    "no threshold": ({"Threshold": None}, "Exactly one of the parameters Threshold"),
}


@pytest.mark.parametrize("fault", WRONG_ALARMS)
def test_an_alarm_that_contradicts_itself_is_refused(stacks: Stacks, fault: str) -> None:
    changed, reason = WRONG_ALARMS[fault]
    properties = {n: v for n, v in {**ALARM, **changed}.items() if v is not None}
    stacks.create(template({"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}))
    assert reason in stacks.failures()["A"]
    assert cloudwatch(stacks.session).describe_alarms()["MetricAlarms"] == []


WRONG_MATH: dict[str, tuple[list[dict[str, Any]], str]] = {
    "two results": ([MATH[0], {**MATH[1], "ReturnData": True}], "Exactly one element"),
    "no result": ([MATH[1]], "Exactly one element"),
    "an id twice": ([MATH[0], MATH[1], MATH[1]], "ids must be unique"),
    "nothing to compute": ([{"Id": "a"}], "either MetricStat or Expression"),
    "an odd period": (
        [MATH[0], {**MATH[1], "MetricStat": {**MATH[1]["MetricStat"], "Period": 45}}],  # type: ignore[dict-item]
        "Period must be",
    ),
}


@pytest.mark.parametrize("fault", WRONG_MATH)
def test_metric_math_without_one_result_is_refused(stacks: Stacks, fault: str) -> None:
    queries, reason = WRONG_MATH[fault]
    properties = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Metrics": queries,
        "Threshold": 1,
    }
    stacks.create(template({"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}))
    assert reason in stacks.failures()["A"]


@pytest.mark.parametrize("action", ["sns:*", "sqs:SendMessage"])
def test_a_topic_policy_out_of_scope_is_refused(stacks: Stacks, action: str) -> None:
    properties = {"PolicyDocument": policy(action), "Topics": [ref("Topic")]}
    made = {"Type": f"{PREFIX}TopicPolicy", "Properties": properties}
    stacks.create(template({**TOPICS, "Policy": made}))
    assert "action out of service scope" in stacks.failures()["Policy"]


def test_a_deleted_topic_policy_leaves_that_of_a_new_topic(stacks: Stacks) -> None:
    properties = {"PolicyDocument": policy("sns:Publish"), "Topics": [ref("Topic")]}
    made = {"Policy": {"Type": f"{PREFIX}TopicPolicy", "Properties": properties}}
    stacks.create(template({**TOPICS, **made}))
    stacks.update(template(TOPICS))
    document = json.loads(_topic(stacks.session, stacks.physical_id("Topic"))["Policy"])
    assert [s["Sid"] for s in document["Statement"]] == ["__default_statement_ID"]


@pytest.mark.parametrize("kind", ["TopicPolicy", "Subscription"])
def test_a_topic_must_exist(stacks: Stacks, kind: str) -> None:
    nowhere = "arn:aws:sns:us-east-1:123456789012:nowhere"
    properties: dict[str, dict[str, Any]] = {
        "Subscription": {**SUBSCRIPTION, "TopicArn": nowhere},
        "TopicPolicy": {"PolicyDocument": policy("sns:Publish"), "Topics": [nowhere]},
    }
    about = {"Type": f"{PREFIX}{kind}", "Properties": properties[kind]}
    stacks.create(template({**TOPICS, "Subject": about}))
    assert "NotFound" in stacks.failures()["Subject"]


def test_an_address_waits_for_its_confirmation(stacks: Stacks) -> None:
    stacks.create(template(TOPICS))
    api, topic = sns(stacks.session), stacks.physical_id("Topic")
    request = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@payments.example"}
    assert api.subscribe(**request)["SubscriptionArn"] == "pending confirmation"
    arn = api.subscribe(**request, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert _topic(stacks.session, topic)["SubscriptionsPending"] == "1"


def test_another_address_is_another_subscription(stacks: Stacks) -> None:
    def subscribed(address: str) -> dict[str, Any]:
        about = {**SUBSCRIPTION, "Endpoint": address}
        return {**TOPICS, "Mail": {"Type": f"{PREFIX}Subscription", "Properties": about}}

    stacks.create(template(subscribed("a@payments.example")))
    first = stacks.physical_id("Mail")
    stacks.update(template(subscribed("b@payments.example")))
    assert stacks.physical_id("Mail") != first
    found = sns(stacks.session).list_subscriptions()["Subscriptions"]
    assert [each["Endpoint"] for each in found] == ["b@payments.example"]
