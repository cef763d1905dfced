"""SNS: topics that keep their key, policies and subscriptions of topics that exist.

Nobody reads a local mail: a subscription by e-mail counts as confirmed at once.
"""

from localaws import emulator
from localaws.api import call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType

_KEY = "KmsMasterKeyId"
_topic, _policy = (
    dict(emulator.resource_handlers[f"AWS::SNS::{name}"]) for name in ("Topic", "TopicPolicy")
)


def _create_topic(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    _known_key(properties)
    arn, attributes = _topic["create"](logical_id, properties, stack)
    _set_key(arn, properties)
    return arn, attributes


def _update_topic(
    arn: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    _known_key(new)
    arn, attributes = _topic["update"](arn, old, new, stack, logical_id)
    _set_key(arn, new)
    return arn, attributes


def _known_key(properties: Properties) -> None:
    if properties.get(_KEY):
        call("kms", "DescribeKey", KeyId=properties[_KEY])


def _set_key(arn: str, properties: Properties) -> None:
    call(
        "sns",
        "SetTopicAttributes",
        TopicArn=arn,
        AttributeName=_KEY,
        AttributeValue=properties.get(_KEY, ""),
    )


def _create_policy(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    for arn in properties["Topics"]:
        call("sns", "GetTopicAttributes", TopicArn=arn)
    created: Provisioned = _policy["create"](logical_id, properties, stack)
    return created


def _create_subscription(_: str, properties: Properties, __: str) -> Provisioned:
    parameters = {name: properties[name] for name in ("TopicArn", "Protocol", "Endpoint")}
    arn = call("sns", "Subscribe", ReturnSubscriptionArn=True, **parameters)["SubscriptionArn"]
    return arn, {"Arn": arn}


TYPES = [
    ResourceType("AWS::SNS::Topic", "DisplayName KmsMasterKeyId", _create_topic, _update_topic),
    ResourceType("AWS::SNS::TopicPolicy", "PolicyDocument Topics", _create_policy, tags=""),
    ResourceType(
        "AWS::SNS::Subscription", "Endpoint Protocol TopicArn", _create_subscription, tags=""
    ),
]
