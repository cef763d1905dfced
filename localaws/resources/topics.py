"""AWS::SNS::*: a topic, its policy and its subscriptions, through SNS's own calls."""

import json
from typing import Any

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.resources.tags import retag
from localaws.shapes import as_text

_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
_DEFAULTS = {"DisplayName": "", "KmsMasterKeyId": "", "SignatureVersion": "1"} | {
    "TracingConfig": "PassThrough"
}


def _create_topic(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    name = properties.get("TopicName") or emulator.physical_name(stack, logical_id, max_len=256)
    attributes = {key: str(properties[key]) for key in _ATTRIBUTES if key in properties}
    arn = call(
        "sns",
        "CreateTopic",
        Name=name,
        Attributes=attributes,
        Tags=properties.get("Tags") or [],
    )["TopicArn"]
    return _topic(arn)


def _update_topic(
    arn: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    for name in _ATTRIBUTES:
        if old.get(name) != new.get(name):
            value = str(new.get(name, _DEFAULTS[name]))
            call(
                "sns",
                "SetTopicAttributes",
                TopicArn=arn,
                AttributeName=name,
                AttributeValue=value,
            )
    retag("sns", {"ResourceArn": arn}, old, new)
    return _topic(arn)


def _topic(arn: str) -> Provisioned:
    return arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]}


def _delete_topic(arn: str, _properties: Properties) -> None:
    call("sns", "DeleteTopic", TopicArn=arn)


def _create_policy(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    policy_id = emulator.physical_name(stack, logical_id, max_len=256)
    _put_policy(properties)
    return policy_id, {"Id": policy_id}


def _update_policy(
    policy_id: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    _put_policy(new)
    _reset_policy(set(old["Topics"]) - set(new["Topics"]))
    return policy_id, {"Id": policy_id}


def _delete_policy(_policy_id: str, properties: Properties) -> None:
    _reset_policy(properties["Topics"])


# What a topic's policy may allow: "sns:*" is not among it.
# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
_IN_SCOPE = frozenset(
    f"sns:{action}".lower()
    for action in (
        "AddPermission",
        "DeleteTopic",
        "GetDataProtectionPolicy",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "ListTagsForResource",
        "Publish",
        "PutDataProtectionPolicy",
        "Receive",
        "RemovePermission",
        "SetTopicAttributes",
        "Subscribe",
        "TagResource",
        "UntagResource",
    )
)


def _put_policy(properties: Properties) -> None:
    policy = as_text(properties["PolicyDocument"])
    for statement in _as_list(json.loads(policy)["Statement"]):
        for action in _as_list(statement["Action"]):
            if action.lower() not in _IN_SCOPE:
                raise CallError(
                    "InvalidParameter",
                    "Invalid parameter: Policy statement action out of service scope!",
                )
    for topic in properties["Topics"]:
        _set_policy(topic, policy)


def _reset_policy(topics: Any) -> None:
    """Give topics, if they are still there, the policy of a new one."""
    account = emulator.account_id()
    for topic in topics:
        if topic not in emulator.topics:
            continue
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:Receive"],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        }
        _set_policy(topic, as_text({"Version": "2008-10-17", "Statement": [statement]}))


def _set_policy(topic: str, policy: str) -> None:
    name = {"AttributeName": "Policy", "AttributeValue": policy}
    call("sns", "SetTopicAttributes", TopicArn=topic, **name)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_OF_SUBSCRIPTION = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
_OF_NEW_SUBSCRIPTION = {
    "FilterPolicy": "",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
}


def _create_subscription(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    if properties["Protocol"] in ("http", "https"):
        raise ValueError("The local AWS can not confirm a subscription by http")
    attributes = {n: as_text(properties[n]) for n in _OF_SUBSCRIPTION if n in properties}
    arn = call(
        "sns",
        "Subscribe",
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return arn, {"Arn": arn}


def _update_subscription(
    arn: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    for name in _OF_SUBSCRIPTION:
        if old.get(name) != new.get(name):
            value = as_text(new.get(name, _OF_NEW_SUBSCRIPTION[name]))
            about = {"AttributeName": name, "AttributeValue": value}
            call("sns", "SetSubscriptionAttributes", SubscriptionArn=arn, **about)
    return arn, {"Arn": arn}


def _delete_subscription(arn: str, _properties: Properties) -> None:
    call("sns", "Unsubscribe", SubscriptionArn=arn)


TYPES = [
    ResourceType(
        "AWS::SNS::Topic",
        "DisplayName KmsMasterKeyId SignatureVersion TopicName TracingConfig",
        _create_topic,
        _update_topic,
        _delete_topic,
    ),
    ResourceType(
        "AWS::SNS::TopicPolicy",
        "PolicyDocument Topics",
        _create_policy,
        _update_policy,
        _delete_policy,
        tags="",
    ),
    ResourceType(
        "AWS::SNS::Subscription",
        "Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery TopicArn",
        _create_subscription,
        _update_subscription,
        _delete_subscription,
        tags="",
    ),
]
