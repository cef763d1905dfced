"""Requirements 3 and 4: stored data, keys, and data on its way."""

from collections.abc import Iterator
from typing import Any, Final

from checks.evidence.control import AnyNumber, Control, Fact, every, given, is_, routed
from checks.evidence.controls.tasks import NO_EDGE
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


BUCKET_ENCRYPTION: Final = "/".join(
    (
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        "*",
        "ServerSideEncryptionByDefault",
        "SSEAlgorithm",
    )
)


def _has_keys(system: Description) -> bool:
    """Return whether a system has keys of its own."""
    choices = {system.logs.key, system.secrets_key, system.registry.key}
    return "customer" in choices or system.alarms


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


def _statements(system: System) -> Iterator[Fact]:
    """Yield each statement of each key's policy: none lets everybody do anything."""
    for key in system.of_type("AWS::KMS::Key"):
        statements = key.properties.get("KeyPolicy", {}).get("Statement", [])
        for index, statement in enumerate(statements):
            open_to_all = statement.get("Principal") in ("*", {"AWS": "*"})
            holds = statement.get("Effect") == "Deny" or not open_to_all
            yield Fact(key, f"KeyPolicy/Statement/{index}", statement, holds)


CONTROLS: Final = (
    Control(
        "3.5.1",
        "Card numbers are unreadable wherever they are stored.",
        "The system stores none: that is the business of its services and their database. What "
        "gets into logs, secrets or images by mistake is encrypted, with keys of this system where "
        "AWS takes them; the bucket of logs with S3's, which load balancers need.",
        ("E9601", "E9602", "E9753", "E9754", "E9756", "E9763", "E9764"),
        (_keys_in_use, every("AWS::S3::Bucket", BUCKET_ENCRYPTION, is_("AES256"))),
    ),
    Control(
        "3.6.1",
        "Keys are protected: few may use them, for what they are for.",
        "Each key's policy names the AWS service and the resources that it is for; nobody may use "
        "it for anything else.",
        ("E9600", "E9601", "E9602", "E9603", "E9604"),
        (_statements,),
        _has_keys,
        "There are no keys of this system.",
    ),
    Control(
        "3.7.4",
        "Keys change when their time is over.",
        "Every key is rotated each year.",
        ("E9128",),
        (every("AWS::KMS::Key", "EnableKeyRotation", is_(True)),),
        _has_keys,
        "There are no keys of this system.",
    ),
    Control(
        "4.2.1",
        "Card data that crosses public networks is encrypted with strong cryptography.",
        "The load balancer speaks TLS 1.2 or newer; port 80 only redirects to it, and logs are "
        "delivered by TLS alone.",
        ("E9116", "E9504", "E9600", "E9602", "E9741", "E9742", "E9756"),
        (_tls, AnyNumber(_clear_text_is_refused)),
        routed,
        NO_EDGE,
    ),
)
