from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, only, ref
from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, output, template
from tests.localaws.test_storage_types import LOG_BUCKET, bucket

PREFIX = "AWS::ElasticLoadBalancingV2::"
VPC: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    **{
        f"Subnet{zone.upper()}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": ref("Vpc"),
                "CidrBlock": f"10.0.{number}.0/24",
                "AvailabilityZone": f"us-east-1{zone}",
            },
        }
        for number, zone in enumerate("ab")
    },
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"VpcId": ref("Vpc"), "GroupDescription": "load balancer"},
    },
}
GATEWAY = {
    "Gateway": {"Type": "AWS::EC2::InternetGateway"},
    "Attachment": {
        "Type": "AWS::EC2::VPCGatewayAttachment",
        "Properties": {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
    },
}
SUBNETS = [ref("SubnetA"), ref("SubnetB")]
BALANCER = {
    "Balancer": {
        "Type": f"{PREFIX}LoadBalancer",
        "Properties": {
            "Scheme": "internal",
            "SecurityGroups": [ref("Group")],
            "Subnets": SUBNETS,
        },
    }
}


def target_group(port: int) -> dict[str, Any]:
    properties = {"VpcId": ref("Vpc"), "Port": port, "Protocol": "HTTP", "TargetType": "ip"}
    return {"Type": f"{PREFIX}TargetGroup", "Properties": properties}


TARGETS = {"Blue": target_group(8080), "Green": target_group(8081)}
CERTIFICATE = "arn:aws:acm:us-east-1:1:certificate/1"
FORBIDDEN = {
    "Type": "fixed-response",
    "Order": 1,
    "FixedResponseConfig": {
        "ContentType": "text/plain",
        "MessageBody": "no",
        "StatusCode": "403",
    },
}
TO_HTTPS = {
    "Type": "redirect",
    "Order": 1,
    "RedirectConfig": {
        "Host": "#{host}",
        "Path": "/#{path}",
        "Port": "443",
        "Protocol": "HTTPS",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    },
}
TO_BLUE = {"Type": "forward", "Order": 1, "TargetGroupArn": ref("Blue")}
TO_GREEN = {"Type": "forward", "Order": 1, "TargetGroupArn": ref("Green")}
LISTENER = {
    "Listener": {
        "Type": f"{PREFIX}Listener",
        "Properties": {
            "LoadBalancerArn": ref("Balancer"),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [FORBIDDEN],
        },
    }
}


def elb(session: LocalSession) -> Any:
    return session.client("elbv2")


def tags_of(session: LocalSession, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]]
    found = elb(session).describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    return found


def read_balancer(session: LocalSession, arn: str) -> Properties:
    found = elb(session).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    attributes = elb(session).describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {
        **only(found, "IpAddressType", "Scheme", "SecurityGroups", "Type"),
        "Name": found["LoadBalancerName"],
        "Subnets": [zone["SubnetId"] for zone in found["AvailabilityZones"]],
        "LoadBalancerAttributes": _stated(attributes, BALANCER_ATTRIBUTES),
    }


def _stated(found: list[dict[str, str]], stated: list[dict[str, str]]) -> list[dict[str, str]]:
    """A load balancer has defaults for the attributes that nobody states."""
    keys = [str(attribute["Key"]) for attribute in stated]
    values = {attribute["Key"]: attribute["Value"] for attribute in found}
    return [{"Key": key, "Value": values[key]} for key in keys if key in values]


def read_target_group(session: LocalSession, arn: str) -> Properties:
    found = elb(session).describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    attributes = elb(session).describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return {
        **only(found, *(name for name in TARGET_GROUP if name != "Name")),
        "Name": found["TargetGroupName"],
        "TargetGroupAttributes": _stated(attributes, TARGET_ATTRIBUTES),
    }


def read_listener(session: LocalSession, arn: str) -> Properties:
    found = elb(session).describe_listeners(ListenerArns=[arn])["Listeners"][0]
    properties = only(found, "LoadBalancerArn", "Port", "Protocol", "SslPolicy")
    if found.get("Certificates"):
        certificates = [only(c, "CertificateArn") for c in found["Certificates"]]
        properties["Certificates"] = certificates
    attributes = elb(session).describe_listener_attributes(ListenerArn=arn)["Attributes"]
    stated = _stated(attributes, LISTENER_ATTRIBUTES)
    if stated:
        properties["ListenerAttributes"] = stated
    return {**properties, "DefaultActions": found["DefaultActions"]}


def read_rule(session: LocalSession, arn: str) -> Properties:
    found = elb(session).describe_rules(RuleArns=[arn])["Rules"][0]
    listener, _, _ = arn.replace(":listener-rule/", ":listener/").rpartition("/")
    conditions = [
        {name: value for name, value in condition.items() if name == "Field" or "Config" in name}
        for condition in found["Conditions"]
    ]
    return {
        "Actions": found["Actions"],
        "Conditions": conditions,
        "ListenerArn": listener,
        "Priority": int(found["Priority"]),
    }


BALANCER_ATTRIBUTES: list[dict[str, Any]] = [
    {"Key": "access_logs.s3.enabled", "Value": "true"},
    {"Key": "access_logs.s3.bucket", "Value": ref("Logs")},
    {"Key": "access_logs.s3.prefix", "Value": "access"},
    {"Key": "connection_logs.s3.enabled", "Value": "true"},
    {"Key": "connection_logs.s3.bucket", "Value": ref("Logs")},
    {"Key": "connection_logs.s3.prefix", "Value": "connections"},
    {"Key": "deletion_protection.enabled", "Value": "false"},
    {"Key": "idle_timeout.timeout_seconds", "Value": "30"},
    {"Key": "routing.http.desync_mitigation_mode", "Value": "strictest"},
    {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
]
TARGET_ATTRIBUTES = [
    {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
    {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
]
LISTENER_ATTRIBUTES = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
TARGET_GROUP: Properties = {
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckPath": "/health",
    "HealthCheckPort": "8081",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckTimeoutSeconds": 4,
    "HealthyThresholdCount": 3,
    "Matcher": {"HttpCode": "200-299"},
    "Name": "api",
    "Port": 8080,
    "Protocol": "HTTP",
    "TargetType": "ip",
    "UnhealthyThresholdCount": 4,
    "VpcId": ref("Vpc"),
}

CASES = [
    Case(
        f"{PREFIX}LoadBalancer",
        {
            "IpAddressType": "ipv4",
            "LoadBalancerAttributes": BALANCER_ATTRIBUTES,
            "Name": "public",
            "Scheme": "internet-facing",
            "SecurityGroups": [ref("Group")],
            "Subnets": SUBNETS,
            "Type": "application",
        },
        read_balancer,
        tags_of,
        {**VPC, **GATEWAY, **LOG_BUCKET, "Logs": {**bucket(), "DeletionPolicy": "Retain"}},
        changed={
            "LoadBalancerAttributes": [
                *BALANCER_ATTRIBUTES[:-1],
                {**BALANCER_ATTRIBUTES[-1], "Value": "false"},
            ]
        },
        depends_on=["Attachment", "LogPolicy"],
    ),
    Case(
        f"{PREFIX}TargetGroup",
        {**TARGET_GROUP, "TargetGroupAttributes": TARGET_ATTRIBUTES},
        read_target_group,
        tags_of,
        VPC,
        changed={"HealthCheckPath": "/ready", "Matcher": {"HttpCode": "204"}},
    ),
    Case(
        f"{PREFIX}Listener",
        {
            "Certificates": [{"CertificateArn": CERTIFICATE}],
            "DefaultActions": [TO_BLUE],
            "ListenerAttributes": LISTENER_ATTRIBUTES,
            "LoadBalancerArn": ref("Balancer"),
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        },
        read_listener,
        tags_of,
        {**VPC, **BALANCER, **TARGETS},
        changed={
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "DefaultActions": [TO_GREEN],
        },
    ),
    *(
        Case(
            f"{PREFIX}Listener",
            {
                "DefaultActions": [action],
                "LoadBalancerArn": ref("Balancer"),
                "Port": 80,
                "Protocol": "HTTP",
            },
            read_listener,
            tags_of,
            {**VPC, **BALANCER, **TARGETS},
        )
        for action in (FORBIDDEN, TO_HTTPS)
    ),
    *(
        Case(
            f"{PREFIX}ListenerRule",
            {
                "Actions": [action],
                "Conditions": [condition],
                "ListenerArn": ref("Listener"),
                "Priority": 10,
            },
            read_rule,
            tags_of,
            {**VPC, **BALANCER, **TARGETS, **LISTENER},
            changed={"Priority": 20},
        )
        for action, condition in (
            (TO_BLUE, {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*"]}}),
            (TO_GREEN, {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.test"]}}),
            (
                FORBIDDEN,
                {
                    "Field": "http-header",
                    "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["1"]},
                },
            ),
            (
                TO_HTTPS,
                {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}},
            ),
            (
                TO_GREEN,
                {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
            ),
        )
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_answers_what_templates_ask_a_load_balancer_for(stacks: Stacks) -> None:
    attributes = ["DNSName", "CanonicalHostedZoneID", "LoadBalancerFullName", "LoadBalancerName"]
    outputs = {name: output({"Fn::GetAtt": ["Balancer", name]}) for name in attributes}
    outputs["TargetGroupFullName"] = output({"Fn::GetAtt": ["Blue", "TargetGroupFullName"]})
    stacks.create(template({**VPC, **BALANCER, **TARGETS}, Outputs=outputs))
    found = stacks.outputs()
    arn = stacks.physical_id("Balancer")
    assert found["LoadBalancerFullName"] == arn.partition(":loadbalancer/")[2]
    assert found["TargetGroupFullName"] == stacks.physical_id("Blue").rpartition(":")[2]
    assert set(found) == {*attributes, "TargetGroupFullName"}


def test_a_listener_of_a_balancer_that_does_not_exist_is_refused(stacks: Stacks) -> None:
    listener = {
        "Type": f"{PREFIX}Listener",
        "Properties": {**LISTENER["Listener"]["Properties"], "LoadBalancerArn": "arn:none"},  # type: ignore[dict-item]
    }
    stacks.create(template({"Listener": listener}))
    assert "not found" in stacks.failures()["Listener"]


@pytest.mark.parametrize("kind", ["Listener", "ListenerRule"])
def test_what_forwards_to_no_target_group_is_refused(stacks: Stacks, kind: str) -> None:
    nowhere = f"arn:aws:elasticloadbalancing:us-east-1:{stacks.session.account}:targetgroup/no/1"
    forward = [{"Type": "forward", "TargetGroupArn": nowhere}]
    listener = {**LISTENER["Listener"]["Properties"], "DefaultActions": forward}  # type: ignore[dict-item]
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*"]}}
    properties: dict[str, dict[str, Any]] = {
        "Listener": {**listener, "Port": 81},
        "ListenerRule": {
            "Actions": forward,
            "Conditions": [condition],
            "ListenerArn": ref("Listener"),
            "Priority": 1,
        },
    }
    subject = {"Type": f"{PREFIX}{kind}", "Properties": properties[kind]}
    stacks.create(template({**VPC, **BALANCER, **LISTENER, "Subject": subject}))
    assert "TargetGroupNotFound" in stacks.failures()["Subject"]


MISSPELT = [{"Key": "routing.http.drop_invalid_headers.enabled", "Value": "true"}]


@pytest.mark.parametrize("kind", ["Balancer", "Blue", "Listener"])
def test_an_attribute_that_nobody_knows_is_refused(stacks: Stacks, kind: str) -> None:
    resources: dict[str, Any] = {**VPC, **BALANCER, **TARGETS, **LISTENER}
    name = resources[kind]["Type"].removeprefix(PREFIX)
    stacks.create(template(resources))
    properties = {**resources[kind]["Properties"], f"{name}Attributes": MISSPELT}
    misspelt = {**resources, kind: {**resources[kind], "Properties": properties}}
    arn = stacks.physical_id(kind)
    updated = stacks.update(template(misspelt))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "is not recognized" in stacks.failures()[kind]
    api_name = {"LoadBalancer": "load_balancer", "TargetGroup": "target_group"}.get(
        name, "listener"
    )
    modify = getattr(elb(stacks.session), f"modify_{api_name}_attributes")
    assert code_of(modify, **{f"{name}Arn": arn}, Attributes=MISSPELT) == "ValidationError"
    stacks.create(template(misspelt), "second")
    assert "is not recognized" in stacks.failures("second")[kind]


WEIGHTED = {
    "Type": "forward",
    "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": ref("Blue"), "Weight": 90}]},
}


def test_a_weighted_forward_is_refused(stacks: Stacks) -> None:
    properties = {**LISTENER["Listener"]["Properties"], "DefaultActions": [WEIGHTED]}  # type: ignore[dict-item]
    listener = {"Type": f"{PREFIX}Listener", "Properties": properties}
    stacks.create(template({**VPC, **BALANCER, **TARGETS, "Listener": listener}))
    assert "DefaultActions.ForwardConfig" in stacks.failures()["Listener"]
