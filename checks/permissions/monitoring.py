"""What AWS needs in order to record and to warn: logs in buckets, alarms on topics.

Sources: Elastic Load Balancing, "Enable access logs for your Application Load Balancer" and
"… connection logs …"; Amazon VPC User Guide, "Amazon S3 bucket permissions for flow logs";
CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs"; SNS Developer Guide, "Example cases for
Amazon SNS access control" and "Enable compatibility between event sources from AWS services and
encrypted topics".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from checks.permissions.conditions import Context
from checks.permissions.needs import STRANGER, Need
from checks.permissions.policies import BUCKET, KEY, LOG_GROUP, TOPIC, CannotFollowError
from checks.permissions.wildcards import THE_KEY_ITSELF
from checks.resolved import Resource, System

FLOW_LOG: Final = "AWS::EC2::FlowLog"
WEB_ACL_LOG: Final = "AWS::WAFv2::LoggingConfiguration"
ALARM: Final = "AWS::CloudWatch::Alarm"
ALARM_ACTIONS: Final = ("AlarmActions", "InsufficientDataActions", "OKActions")
LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"

_ENCRYPTED: Final[Context] = {"aws:securetransport": "true"}
_IN_CLEAR: Final[Mapping[str, tuple[str, ...]]] = {"aws:securetransport": ("false",)}
_SOURCE: Final = "aws:sourcearn"


def needs(system: System) -> Iterator[Need]:
    """Yield what services of AWS deliver to buckets, log groups and topics.

    Raises ``CannotFollowError``.
    """
    for balancer in system.of_type(LOAD_BALANCER):
        yield from _of_balancer(system, balancer)
    for log in system.of_type(FLOW_LOG):
        yield from _of_flows(system, log)
    for log in system.of_type(WEB_ACL_LOG):
        yield from _of_web_acl(system, log)
    for topic in system.of_type(TOPIC):
        yield from _of_topic(system, topic)


def _of_balancer(system: System, balancer: Resource) -> Iterator[Need]:
    """Yield that a load balancer writes logs. The guide knows no condition but on its ARN."""
    attributes = {
        one.get("Key"): one.get("Value")
        for one in balancer.properties.get("LoadBalancerAttributes", [])
    }
    for name, value in attributes.items():
        kind, dot, _ = str(name).partition(".s3.enabled")
        if not dot or value != "true":
            continue
        bucket = _bucket(system, balancer, attributes.get(f"{kind}.s3.bucket"))
        prefix = attributes.get(f"{kind}.s3.prefix")
        source = _arn(system, "elasticloadbalancing", "loadbalancer/app/public/0123")
        need = _delivery(
            system,
            "logdelivery.elasticloadbalancing.amazonaws.com",
            bucket,
            f"/{prefix}" if prefix else "",
            f"the load balancer delivers its {kind}",
            {**_ENCRYPTED, _SOURCE: source},
            {**_IN_CLEAR, _SOURCE: (source.replace(system.place.account, STRANGER),)},
        )
        scope = _arn(system, "elasticloadbalancing", "loadbalancer/*")
        yield replace(need, scopes={_SOURCE: scope})


def _of_flows(system: System, log: Resource) -> Iterator[Need]:
    """Yield that flow logs are delivered."""
    if log.properties.get("LogDestinationType") != "s3":
        message = "must be s3: what another destination needs is not known"
        raise CannotFollowError(log, message, "LogDestinationType")
    destination = str(log.properties.get("LogDestination"))
    arns = (system.arns[one.address] for one in system.of_type(BUCKET))
    arn = next((one for one in arns if f"{destination}/".startswith(f"{one}/")), None)
    bucket = _bucket(system, log, arn)
    service = "delivery.logs.amazonaws.com"
    reason = "the flow logs of the network are delivered"
    context, strange = _from_here(system, _arn(system, "logs", "delivery:0123"))
    scopes = {_SOURCE: _arn(system, "logs", "*")}
    writing = _delivery(
        system,
        service,
        bucket,
        destination.removeprefix(str(arn)).rstrip("/"),
        reason,
        {**context, "s3:x-amz-acl": "bucket-owner-full-control"},
        strange,
    )
    yield replace(writing, scopes=scopes)
    for action in ("s3:GetBucketAcl", "s3:ListBucket"):
        yield Need(
            service,
            action,
            str(arn),
            reason,
            bucket,
            context=context,
            scopes=scopes,
            strange=strange,
        )


def _of_web_acl(system: System, log: Resource) -> Iterator[Need]:
    """Yield that the log of a web ACL is delivered to its group."""
    for arn in log.properties.get("LogDestinationConfigs", []):
        group = system.find(LOG_GROUP, f"{arn}:*")
        if group is None:
            message = f"must write to a log group of this system, found {arn}"
            raise CannotFollowError(log, message, "LogDestinationConfigs")
        context, strange = _from_here(system, _arn(system, "logs", "delivery:0123"))
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Need(
                who="delivery.logs.amazonaws.com",
                action=action,
                resource=f"{arn}:log-stream:0123",
                reason="the log of the web ACL is delivered",
                place=group,
                scope=f"{arn}:*",
                context=context,
                scopes={_SOURCE: _arn(system, "logs", "*")},
                strange={name: values for name, values in strange.items() if name not in _IN_CLEAR},
            )


def _of_topic(system: System, topic: Resource) -> Iterator[Need]:
    """Yield that alarms publish; what strangers may not is the same for each."""
    for index, alarm in enumerate(_alarms(system, topic)):
        for need in _publishing(system, topic, alarm):
            yield replace(need, strange={}) if index else need


def _alarms(system: System, topic: Resource) -> list[str]:
    """Return the ARNs of the alarms that publish to a topic; where there are none at all, it is for
    one that people add.
    """
    if not system.of_type(ALARM):
        return [_arn(system, "cloudwatch", "alarm:added")]
    found = [
        system.arns[alarm.address]
        for alarm in system.of_type(ALARM)
        for kind in ALARM_ACTIONS
        for action in alarm.properties.get(kind, [])
        if system.find(TOPIC, action) is topic
    ]
    return list(dict.fromkeys(found))


def _publishing(system: System, topic: Resource, alarm: str) -> Iterator[Need]:
    """Yield that an alarm publishes, and encrypts what it publishes where the topic has a key."""
    service = "cloudwatch.amazonaws.com"
    reason = f"{alarm.rpartition(':alarm:')[2]} publishes"
    context, strange = _from_here(system, alarm)
    scopes = {_SOURCE: _arn(system, "cloudwatch", "alarm:*")}
    yield Need(
        service,
        "sns:Publish",
        system.arns[topic.address],
        reason,
        topic,
        context=context,
        scopes=scopes,
        strange=strange,
    )
    if "KmsMasterKeyId" not in topic.properties:
        return
    key = system.find(KEY, topic.properties["KmsMasterKeyId"])
    if key is None:
        message = "must be a key of this system: alarms cannot use the key that SNS brings"
        raise CannotFollowError(topic, message, "KmsMasterKeyId")
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        yield Need(
            who=service,
            action=action,
            resource=system.arns[key.address],
            reason=f"{reason} to an encrypted topic",
            place=key,
            scope=THE_KEY_ITSELF,
            context=context,
            scopes=scopes,
            strange={name: values for name, values in strange.items() if name not in _IN_CLEAR},
        )


def _delivery(
    system: System,
    service: str,
    bucket: Resource,
    folder: str,
    reason: str,
    context: Context,
    strange: Mapping[str, tuple[str, ...]],
) -> Need:
    """Return that a service writes objects below ``folder``, where AWS puts an account's logs."""
    below = f"{system.arns[bucket.address]}{folder}/AWSLogs/{system.place.account}"
    return Need(
        who=service,
        action="s3:PutObject",
        resource=f"{below}/0123.log.gz",
        reason=reason,
        place=bucket,
        scope=f"{below}/*",
        context=context,
        strange=strange,
    )


def _from_here(system: System, source: str) -> tuple[Context, Mapping[str, tuple[str, ...]]]:
    """Return the context of a service that acts for something of this account, and what of it must
    be so.
    """
    account = system.place.account
    return (
        {**_ENCRYPTED, "aws:sourceaccount": account, _SOURCE: source},
        {
            **_IN_CLEAR,
            "aws:sourceaccount": (STRANGER,),
            _SOURCE: (source.replace(account, STRANGER),),
        },
    )


def _bucket(system: System, for_whom: Resource, name: Any) -> Resource:
    found = system.find(BUCKET, name)
    if found is None:
        raise CannotFollowError(for_whom, f"must write to a bucket of this system, found {name}")
    return found


def _arn(system: System, service: str, resource: str) -> str:
    place = system.place
    return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{resource}"
