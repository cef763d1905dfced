"""Monitoring: what is recorded beside the containers' logs, and who hears when something fails."""

import pytest

from checks.parameters import value_mistakes
from checks.rendering import Rendering
from templates.render import render
from tests.flat import flat, flattened, outputs, the
from tests.systems_under_test import REFERENCES, described, rendered

TOPIC = "Monitoring/AlarmTopic"
OUR_ALARMS = {
    "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
    "ArnLike": {
        "aws:SourceArn": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"
    },
}


@pytest.mark.parametrize("system", REFERENCES)
def test_alarms_are_encrypted_with_a_key_that_alarms_may_use(system: str) -> None:
    key = flat(system)["Monitoring/TopicKey"]["Properties"]
    statements = {one["Sid"]: one for one in key["KeyPolicy"]["Statement"]}
    use = statements["EncryptAlarms"]

    assert the(flat(system), "AWS::SNS::Topic")["KmsMasterKeyId"] == "Monitoring/TopicKey"
    assert key["EnableKeyRotation"] is True
    assert set(statements) == {"AdministerKeyByIam", "EncryptAlarms"}
    assert use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(use["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert use["Condition"] == OUR_ALARMS


@pytest.mark.parametrize("system", REFERENCES)
def test_alarms_of_this_account_publish_and_nobody_else_does(system: str) -> None:
    policy = the(flat(system), "AWS::SNS::TopicPolicy")
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]

    assert policy["Topics"] == [TOPIC]
    assert allowed == [
        {
            "Sid": "PublishAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [TOPIC],
            "Condition": OUR_ALARMS,
        }
    ]


@pytest.mark.parametrize("system", REFERENCES)
def test_nobody_publishes_in_clear_text(system: str) -> None:
    policy = the(flat(system), "AWS::SNS::TopicPolicy")["PolicyDocument"]
    (refused,) = [one for one in policy["Statement"] if one["Effect"] == "Deny"]

    assert refused["Principal"] == "*"
    assert refused["Action"] == ["sns:Publish"]
    assert refused["Resource"] == [TOPIC]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("system", REFERENCES)
def test_an_address_hears_of_alarms_where_one_is_given(system: str) -> None:
    parent, template = (rendered(system).templates[f"{n}.json"] for n in ("parent", "monitoring"))
    subscription = flat(system)["Monitoring/AlarmEmailSubscription"]

    assert parent["Parameters"]["AlarmEmail"]["Default"] == ""
    assert template["Conditions"][subscription["Condition"]] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]
    }
    assert subscription["Properties"] == {
        "TopicArn": TOPIC,
        "Protocol": "email",
        "Endpoint": "${AlarmEmail}",
    }
    assert outputs(rendered(system))["AlarmTopicArn"] == TOPIC


@pytest.mark.parametrize(
    ("address", "taken"),
    [("", True), ("on-call@example.com", True), ("on-call", False), ("a@b@example.com", False)],
)
def test_what_is_no_address_is_refused(address: str, taken: bool) -> None:
    declared = rendered("gateway").templates["parent.json"]["Parameters"]["AlarmEmail"]

    assert (not list(value_mistakes(address, declared))) is taken


def test_the_topic_s_key_goes_with_its_topic_also_where_state_is_retained() -> None:
    assert described("payments").removal_policy == "retain"
    assert flat("payments")["Monitoring/TopicKey"]["DeletionPolicy"] == "Delete"


def test_without_alarms_there_is_neither_topic_nor_address() -> None:
    quiet = described("gateway").model_copy(update={"alarms": False})
    rendering = Rendering("gateway", render(quiet))

    assert "AlarmEmail" not in rendering.templates["parent.json"]["Parameters"]
    assert TOPIC not in flattened(rendering)
