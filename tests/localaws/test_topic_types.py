import json
from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, ref
from tests.localaws.stacks import Stacks, template

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "*",
        }
    ],
}
USE = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
KEYS = {
    name: {
        "Type": "AWS::KMS::Key",
        "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [USE]}},
    }
    for name in ("Key", "OtherKey")
}
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}
ABSENT = "arn:aws:sns:us-east-1:000000000001:absent"


def _attributes(session: LocalSession, arn: str) -> Any:
    return session.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]


def read_topic(session: LocalSession, arn: str) -> Properties:
    found = _attributes(session, arn)
    return {name: found[name] for name in ("DisplayName", "KmsMasterKeyId")}


def tags_of_topic(session: LocalSession, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]]
    found = session.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return found


def read_policy(session: LocalSession, _: str) -> Properties:
    (topic,) = session.client("sns").list_topics()["Topics"]
    arn = topic["TopicArn"]
    return {"PolicyDocument": json.loads(_attributes(session, arn)["Policy"]), "Topics": [arn]}


def read_subscription(session: LocalSession, arn: str) -> Properties:
    found = session.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {name: found[name] for name in ("Endpoint", "Protocol", "TopicArn")}


CASES = [
    Case(
        "AWS::SNS::Topic",
        {"DisplayName": "alarms", "KmsMasterKeyId": ref("Key")},
        read_topic,
        tags_of_topic,
        KEYS,
        changed={"KmsMasterKeyId": ref("OtherKey")},
    ),
    Case(
        "AWS::SNS::TopicPolicy",
        {"PolicyDocument": POLICY, "Topics": [ref("Topic")]},
        read_policy,
        around=TOPIC,
        changed={"PolicyDocument": {**POLICY, "Id": "changed"}},
    ),
    Case(
        "AWS::SNS::Subscription",
        {"Endpoint": "a@example.com", "Protocol": "email", "TopicArn": ref("Topic")},
        read_subscription,
        around=TOPIC,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::SNS::Topic", {"KmsMasterKeyId": "00000000-0000-4000-8000-000000000000"}),
        ("AWS::SNS::TopicPolicy", {"PolicyDocument": POLICY, "Topics": [ABSENT]}),
        (
            "AWS::SNS::Subscription",
            {"Endpoint": "a@example.com", "Protocol": "email", "TopicArn": ABSENT},
        ),
    ],
)
def test_what_a_topic_needs_has_to_exist(
    stacks: Stacks, kind: str, properties: dict[str, Any]
) -> None:
    stacks.create(template({"Subject": {"Type": kind, "Properties": properties}}))
    assert stacks.session.client("sns").list_subscriptions()["Subscriptions"] == []
    assert "Subject" in str(stacks.failures())
