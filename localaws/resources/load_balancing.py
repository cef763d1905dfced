"""AWS::ElasticLoadBalancingV2: ministack's, completed where it leaves something out."""

from typing import Any

from localaws import emulator
from localaws.api import call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType

_PREFIX = "AWS::ElasticLoadBalancingV2::"
_target_group = dict(emulator.resource_handlers[f"{_PREFIX}TargetGroup"])
_listener = dict(emulator.resource_handlers[f"{_PREFIX}Listener"])
_rule = dict(emulator.resource_handlers[f"{_PREFIX}ListenerRule"])


def _create_target_group(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    return _with_full_name(_target_group["create"](logical_id, properties, stack))


def _update_target_group(*arguments: Any) -> Provisioned:
    return _with_full_name(_target_group["update"](*arguments))


def _with_full_name(group: Provisioned) -> Provisioned:
    """Ministack's full name lacks the word in front that metrics and scaling policies need."""
    arn, attributes = group
    return arn, {**attributes, "TargetGroupFullName": arn.rpartition(":")[2]}


def _create_listener(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    arn, attributes = _listener["create"](logical_id, properties, stack)
    if properties.get("ListenerAttributes"):
        call(
            "elbv2",
            "ModifyListenerAttributes",
            ListenerArn=arn,
            Attributes=properties["ListenerAttributes"],
        )
    return arn, attributes


def _create_rule(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    arn, attributes = _rule["create"](logical_id, properties, stack)
    emulator.load_balancing_tags[arn] = list(properties.get("Tags", []))
    return arn, attributes


def _update_rule(
    arn: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    updated: Provisioned = _rule["update"](arn, old, new, stack, logical_id)
    emulator.load_balancing_tags[arn] = list(new.get("Tags", []))
    return updated


def _delete_rule(arn: str, properties: Properties) -> None:
    _rule["delete"](arn, properties)
    emulator.load_balancing_tags.pop(arn, None)


def _actions(name: str) -> str:
    """Return the paths of a list of actions; weighted forwards are not kept."""
    parts = [
        ["Type", "Order", "TargetGroupArn"],
        [f"FixedResponseConfig.{n}" for n in ("ContentType", "MessageBody", "StatusCode")],
        [
            f"RedirectConfig.{n}"
            for n in ("Host", "Path", "Port", "Protocol", "Query", "StatusCode")
        ],
    ]
    return " ".join(f"{name}.{path}" for group in parts for path in group)


TYPES = [
    ResourceType(
        f"{_PREFIX}LoadBalancer",
        """
        IpAddressType LoadBalancerAttributes.Key LoadBalancerAttributes.Value Name Scheme
        SecurityGroups Subnets Type
        """,
    ),
    ResourceType(
        f"{_PREFIX}TargetGroup",
        """
        HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort
        HealthCheckProtocol HealthCheckTimeoutSeconds HealthyThresholdCount Matcher.HttpCode Name
        Port Protocol TargetGroupAttributes.Key TargetGroupAttributes.Value TargetType
        UnhealthyThresholdCount VpcId
        """,
        _create_target_group,
        _update_target_group,
    ),
    ResourceType(
        f"{_PREFIX}Listener",
        f"""
        Certificates.CertificateArn {_actions("DefaultActions")} ListenerAttributes.Key
        ListenerAttributes.Value LoadBalancerArn Port Protocol SslPolicy
        """,
        _create_listener,
    ),
    ResourceType(
        f"{_PREFIX}ListenerRule",
        f"""
        {_actions("Actions")} Conditions.Field Conditions.HostHeaderConfig.Values
        Conditions.HttpHeaderConfig.HttpHeaderName Conditions.HttpHeaderConfig.Values
        Conditions.HttpRequestMethodConfig.Values Conditions.PathPatternConfig.Values
        Conditions.SourceIpConfig.Values ListenerArn Priority
        """,
        _create_rule,
        _update_rule,
        _delete_rule,
    ),
]
