"""Requirements 3 and 4: stored data, keys, and data on its way."""

from collections.abc import Iterator
from typing import Any, Final

from checks.evidence.control import Control, Fact, both, every, given, is_
from checks.resolved import System
from description.model import System as Description
from description.model import TlsPolicy

LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
ENCRYPTED: Final = (
    ("AWS::Logs::LogGroup", "KmsKeyId"),
    ("AWS::SecretsManager::Secret", "KmsKeyId"),
    ("AWS::ECR::Repository", "EncryptionConfiguration/KmsKey"),
    ("AWS::SNS::Topic", "KmsMasterKeyId"),
)
"""Types that keep data, and the property that names their key."""


def _keys_in_use(system: System) -> Iterator[Fact]:
    for kind, place in ENCRYPTED:
        yield from every(kind, place, given)(system)


def _tls(system: System) -> Iterator[Fact]:
    """Yield the policy of each HTTPS listener, and of each other one that it only redirects."""
    policies = set(TlsPolicy)
    for listener in system.of_type(LISTENER):
        if listener.properties.get("Protocol") == "HTTPS":
            policy = listener.properties.get("SslPolicy")
            yield Fact(listener, "SslPolicy", policy, policy in policies)
            continue
        actions: list[Any] = listener.properties.get("DefaultActions", [])
        for index, action in enumerate(actions):
            code = action.get("RedirectConfig", {}).get("StatusCode")
            place = f"DefaultActions/{index}/RedirectConfig/StatusCode"
            yield Fact(listener, place, code, code == "HTTP_301")


def _clear_text_is_refused(system: System) -> Iterator[Fact]:
    """Yield of each bucket's and topic's policy what it refuses to who does not speak TLS."""
    for policy in system.of_type("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"):
        refused = [
            statement.get("Action")
            for statement in policy.properties.get("PolicyDocument", {}).get("Statement", [])
            if statement.get("Effect") == "Deny"
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        ]
        yield Fact(policy, "PolicyDocument/Statement", refused, bool(refused))


def _is_routed(system: Description) -> bool:
    return system.routed


CONTROLS: Final = (
    Control(
        "3.5.1",
        "Stored data is unreadable to those who have no business with it.",
        "Logs, secrets, images and alarms are encrypted with keys of this system.",
        ("E9601", "E9753"),
        _keys_in_use,
    ),
    Control(
        "3.6.1",
        "Keys are protected: few may use them, for what they are for.",
        "Each key's policy names the AWS service and the resources that it is for; nobody may use "
        "it for anything else.",
        ("E9601", "E9602", "E9603", "E9604"),
        every("AWS::KMS::Key", "KeyPolicy/Statement/*/Sid", given),
    ),
    Control(
        "3.7.4",
        "Keys change when their time is over.",
        "Every key is rotated each year.",
        ("E9124",),
        every("AWS::KMS::Key", "EnableKeyRotation", is_(True)),
    ),
    Control(
        "4.2.1",
        "Card data that crosses public networks is encrypted with strong cryptography.",
        "The load balancer speaks TLS 1.2 or newer; port 80 only redirects to it, and logs are "
        "delivered by TLS alone.",
        ("E9116", "E9504", "E9742"),
        both(
            _tls,
            _clear_text_is_refused,
        ),
        _is_routed,
    ),
)
