import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import StructureShape
from botocore.session import get_session

from checks import own
from checks.own import edge
from checks.rendering import Node
from description.surroundings import TlsPolicy
from tests.checks.own_examples import CHANGES, RIGHT, changed
from tests.checks.templates import rendering, template
from tests.systems_under_test import SYSTEMS, rendered

SERVICE = "AWS::ECS::Service"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
GENERATED = {"SecretStringTemplate": "{}", "GenerateStringKey": "key"}
NETWORK = {"AwsvpcConfiguration": {"Subnets": {"Ref": "SubnetIds"}}}
NOTHING = {"Ref": "AWS::NoValue"}
ON_SPOT = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]


def either(one: Any, other: Any) -> Node:
    return {"Fn::If": ["SomeCondition", one, other]}


def service(**properties: Any) -> Node:
    return template(SERVICE, **properties)


def task(**properties: Any) -> Node:
    size = {"RequiresCompatibilities": ["FARGATE"], "Cpu": "256", "Memory": "512"}
    return template("AWS::ECS::TaskDefinition", **{**size, **properties})


def container(**properties: Any) -> Node:
    return task(ContainerDefinitions=[{"Name": "app", **properties}])


def scaled(**properties: Any) -> Node:
    both = service(**properties)
    both["Resources"]["Target"] = {
        "Type": TARGET,
        "Properties": {"ScalableDimension": "ecs:service:DesiredCount"},
    }
    return both


def tracking(**metric: Any) -> Node:
    return template(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        TargetTrackingScalingPolicyConfiguration={"PredefinedMetricSpecification": metric},
    )


def with_attribute(kind: str, key: Any) -> Node:
    listed = f"{kind.rsplit('::', 1)[1]}Attributes"
    return template(kind, **{listed: [{"Key": key, "Value": "true"}]})


def deployed(percent: Any, rebalancing: str = "ENABLED") -> Node:
    return service(
        AvailabilityZoneRebalancing=rebalancing,
        DeploymentConfiguration={"MaximumPercent": percent},
    )


def listener(**properties: Any) -> Node:
    return template(edge.LISTENER, Protocol="HTTPS", **properties)


def secret(**properties: Any) -> Node:
    return template("AWS::SecretsManager::Secret", **properties)


EXAMPLES: list[tuple[str, str, Node, Node]] = [
    # rule, where it is broken, a template that breaks it, one that does not
    (
        "E9101",
        "LaunchType",
        service(
            LaunchType="FARGATE",
            CapacityProviderStrategy=ON_SPOT,
            NetworkConfiguration=NETWORK,
        ),
        service(LaunchType=NOTHING, CapacityProviderStrategy=ON_SPOT, NetworkConfiguration=NETWORK),
    ),
    ("E9102", "DeploymentConfiguration/MaximumPercent", deployed(100), deployed(101)),
    ("E9102", "DeploymentConfiguration/MaximumPercent", deployed("100"), deployed({"Ref": "P"})),
    (
        "E9102",
        "DeploymentConfiguration/MaximumPercent",
        deployed(either(200, 50)),
        deployed(100, "DISABLED"),
    ),
    (
        "E9103",
        "NetworkConfiguration",
        service(LaunchType="FARGATE"),
        service(LaunchType="FARGATE", NetworkConfiguration=NETWORK),
    ),
    (
        "E9103",
        "NetworkConfiguration",
        service(CapacityProviderStrategy=ON_SPOT, NetworkConfiguration=either(NETWORK, NOTHING)),
        service(LaunchType="EC2"),
    ),
    (
        "E9104",
        "ContainerDefinitions/0/HealthCheck/Command",
        container(HealthCheck={"Command": ["/health"]}),
        container(HealthCheck={"Command": ["CMD", "/health"]}),
    ),
    (
        "E9104",
        "ContainerDefinitions/0/HealthCheck/Command",
        container(HealthCheck={"Command": ["CMD"]}),
        container(HealthCheck={"Command": ["CMD-SHELL", "curl localhost || exit 1"]}),
    ),
    (
        "E9105",
        "ContainerDefinitions/0/StopTimeout",
        container(StopTimeout=121),
        container(StopTimeout=120),
    ),
    (
        "E9105",
        "ContainerDefinitions/0/StopTimeout",
        container(StopTimeout=either(300, 30)),
        template("AWS::ECS::TaskDefinition", ContainerDefinitions=[{"StopTimeout": 300}]),
    ),
    ("E9106", "Cpu", task(Cpu="333"), task(Cpu="512", Memory="1024")),
    ("E9106", "Memory", task(Memory="4096"), task(Memory={"Ref": "Memory"})),
    ("E9106", "Memory", task(Memory=NOTHING), task(Cpu=256, Memory=2048)),
    (
        "E9107",
        "ExecutionRoleArn",
        container(Secrets=[{"Name": "KEY", "ValueFrom": "arn"}]),
        task(ContainerDefinitions=[{"Secrets": [{"Name": "KEY"}]}], ExecutionRoleArn="arn"),
    ),
    (
        "E9108",
        "CapacityProviderStrategy",
        service(
            CapacityProviderStrategy=[{"CapacityProvider": "FARGATE", "Base": 2}],
            NetworkConfiguration=NETWORK,
        ),
        service(
            CapacityProviderStrategy=[{"CapacityProvider": "FARGATE", "Base": 2}, *ON_SPOT],
            NetworkConfiguration=NETWORK,
        ),
    ),
    ("E9109", "DesiredCount", scaled(DesiredCount=2), scaled()),
    ("E9109", "DesiredCount", scaled(DesiredCount=either(2, NOTHING)), service(DesiredCount=2)),
    (
        "E9111",
        "Name",
        template(edge.TARGET_GROUP, Name="a" * 33),
        template(edge.TARGET_GROUP, Name="a" * 32),
    ),
    (
        "E9112",
        "Name",
        template(edge.LOAD_BALANCER, Name="-shop"),
        template(edge.LOAD_BALANCER, Name={"Fn::Sub": "shop-${Suffix}"}),
    ),
    (
        "E9113",
        "LoadBalancerAttributes/0/Key",
        with_attribute(edge.LOAD_BALANCER, "routing.http.drop_invalid_headers.enabled"),
        with_attribute(edge.LOAD_BALANCER, "routing.http.drop_invalid_header_fields.enabled"),
    ),
    (
        "E9114",
        "TargetGroupAttributes/0/Key",
        with_attribute(edge.TARGET_GROUP, "deregistration_delay.seconds"),
        with_attribute(edge.TARGET_GROUP, "deregistration_delay.timeout_seconds"),
    ),
    (
        "E9115",
        "ListenerAttributes/0/Key",
        with_attribute(edge.LISTENER, "routing.http.response.server"),
        with_attribute(edge.LISTENER, "routing.http.response.server.enabled"),
    ),
    (
        "E9116",
        "SslPolicy",
        listener(),
        listener(SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
    ),
    (
        "E9116",
        "SslPolicy",
        listener(SslPolicy="ELBSecurityPolicy-2016-08"),
        template(edge.LISTENER, Protocol="HTTP"),
    ),
    (
        "E9121",
        "SecretString",
        secret(SecretString={"Ref": "Password"}),
        secret(GenerateSecretString=GENERATED),
    ),
    (
        "E9122",
        "",
        secret(SecretString="x", GenerateSecretString=GENERATED),
        secret(GenerateSecretString=GENERATED),
    ),
    (
        "E9131",
        "MinCapacity",
        template(TARGET, MinCapacity=3, MaxCapacity=2),
        template(TARGET, MinCapacity=2, MaxCapacity=2),
    ),
    (
        "E9132",
        "TargetTrackingScalingPolicyConfiguration/PredefinedMetricSpecification/ResourceLabel",
        tracking(PredefinedMetricType="ALBRequestCountPerTarget"),
        tracking(PredefinedMetricType="ALBRequestCountPerTarget", ResourceLabel="app/x"),
    ),
    (
        "E9148",
        "CapacityProviderStrategy/1/CapacityProvider",
        service(CapacityProviderStrategy=[*ON_SPOT, *ON_SPOT], NetworkConfiguration=NETWORK),
        service(CapacityProviderStrategy=either(ON_SPOT, NOTHING), NetworkConfiguration=NETWORK),
    ),
    (
        "E9134",
        "PolicyType",
        template(POLICY, PolicyType="StepScaling", TargetTrackingScalingPolicyConfiguration={}),
        template(POLICY, PolicyType="StepScaling", StepScalingPolicyConfiguration={}),
    ),
    (
        "E9135",
        "ServiceNamespace",
        template(POLICY, ScalingTargetId={"Ref": "T"}, ServiceNamespace="ecs"),
        template(POLICY, ScalingTargetId=NOTHING, ServiceNamespace="ecs"),
    ),
    (
        "E9136",
        "ServiceNamespace",
        template(TARGET, ServiceNamespace="rds", ScalableDimension="ecs:service:DesiredCount"),
        template(TARGET, ServiceNamespace="ecs", ScalableDimension="ecs:service:DesiredCount"),
    ),
]

ONE_PROPERTY: list[tuple[str, str, str, Any, Any]] = [
    # rule, type, property, a value that breaks it, one that does not
    ("E9110", SERVICE, "SchedulingStrategy", "DAEMON", either("REPLICA", NOTHING)),
    ("E9117", edge.TARGET_GROUP, "HealthCheckTimeoutSeconds", 30, 29),
    ("E9123", "AWS::KMS::Key", "BypassPolicyLockoutSafetyCheck", True, False),
    ("E9124", "AWS::KMS::Key", "KeySpec", "RSA_2048", "SYMMETRIC_DEFAULT"),
    ("E9125", "AWS::KMS::Key", "MultiRegion", either(True, False), {"Ref": "P"}),
    ("E9157", "AWS::ECS::TaskDefinition", "ContainerDefinitions/0/Interactive", True, False),
    ("E9158", "AWS::ECS::TaskDefinition", "ContainerDefinitions/0/PseudoTerminal", True, None),
    ("E9159", "AWS::ECS::TaskDefinition", "EnableFaultInjection", "true", "false"),
    ("E9160", "AWS::ECS::TaskDefinition", "IpcMode", "host", "none"),
    ("E9164", "AWS::Logs::LogGroup", "BearerTokenAuthenticationEnabled", True, False),
    ("E9176", "AWS::Logs::LogGroup", "LogGroupClass", "DELIVERY", "STANDARD"),
    ("E9177", "AWS::ECS::TaskDefinition", "ContainerDefinitions/0/DisableNetworking", True, None),
    ("E9178", "AWS::ECS::TaskDefinition", "PidMode", "task", NOTHING),
    ("E9179", "AWS::ServiceDiscovery::Service", "Type", "HTTP", "DNS_HTTP"),
    ("E9173", "AWS::EC2::VPC", "InstanceTenancy", "dedicated", "default"),
]


def with_value(kind: str, path: str, value: Any) -> Node:
    """A template with one resource that has a value at ``path``, unless it is ``None``."""
    made: Any = value
    for step in reversed(path.split("/")):
        made = {} if made is None else [made] if step.isdecimal() else {step: made}
    return template(kind, **made)


EXAMPLES += [
    (rule, path, with_value(kind, path, bad), with_value(kind, path, good))
    for rule, kind, path, bad, good in ONE_PROPERTY
]


def broken(it: Node) -> set[tuple[str, str]]:
    """Rule and path of each finding."""
    prefix = "Resources/It/Properties"
    return {
        (one.rule, one.path.removeprefix(prefix).lstrip("/"))
        for one in own.check(rendering({"parent.json": it}))
    }


@pytest.mark.parametrize(("rule", "path", "bad", "good"), EXAMPLES)
def test_sees_what_is_wrong_and_nothing_in_what_is_right(
    rule: str, path: str, bad: Node, good: Node
) -> None:
    assert (rule, path) in broken(bad)
    assert rule not in {found for found, _ in broken(good)}


def found_in(it: Node) -> set[tuple[str, str]]:
    return {
        (one.rule, one.path.removeprefix("Resources/"))
        for one in own.check(rendering({"parent.json": it}))
    }


@pytest.mark.parametrize(("rule", "path", "changes"), CHANGES)
def test_sees_what_does_not_fit_together(rule: str, path: str, changes: tuple[Any, ...]) -> None:
    assert (rule, path) in found_in(changed(*changes))


def test_sees_nothing_where_all_fits_together() -> None:
    assert found_in(RIGHT) == set()


ODD: list[Any] = [None, 0, [], ["x"], [{}], {"Ref": 0}, {"Fn::If": ["C"]}]


def replaced(node: Any, value: Any) -> Iterator[Any]:
    """Yield ``node`` with each thing in it replaced in turn."""
    yield value
    inside = node.items() if isinstance(node, dict) else ()
    for key, item in inside or (enumerate(node) if isinstance(node, list) else ()):
        for one in replaced(item, value):
            made = copy.copy(node)
            made[key] = one
            yield made


@pytest.mark.parametrize("odd", ODD)
def test_is_not_confused_by_templates_of_another_shape(odd: Any) -> None:
    together = RIGHT["Resources"]
    alone = [{name: one} for name, one in merged_examples().items()]

    for whole in (together, *alone):
        for resources in replaced(whole, odd):
            for rule in own.RULES:
                list(rule.find({"Resources": resources}))


def merged_examples() -> Node:
    """A resource of each example of one resource."""
    return {f"It{index}": bad["Resources"]["It"] for index, (*_, bad, _) in enumerate(EXAMPLES)}


def test_every_rule_has_its_examples_and_a_reason_of_one_sentence() -> None:
    examples = {rule for rule, *_ in EXAMPLES} | {rule for rule, *_ in CHANGES}
    assert examples == {rule.id for rule in own.RULES}
    assert len({rule.id for rule in own.RULES}) == len(own.RULES)
    for rule in own.RULES:
        assert re.fullmatch(r"(Refuse|Require) [^.]+(\.\d[^.]*)*\.", rule.reason), rule.id


@pytest.mark.parametrize("system", SYSTEMS)
def test_our_own_systems_break_no_rule(system: str) -> None:
    assert own.check(rendered(system)) == []


def documented(shape: str) -> set[str]:
    """The attributes for Application Load Balancers that the API's documentation lists."""
    structure = get_session().get_service_model("elbv2").shape_for(shape)
    assert isinstance(structure, StructureShape)
    text = structure.members["Key"].documentation
    keys = set()
    for section in text.split("<p>The following attribute")[1:]:
        whose, _, listed = section.partition("</p>")
        if "Application" in whose or "all load balancers" in whose:
            keys |= set(re.findall(r"<li> <p> <code>(\w+\.[\w.]+)</code>", listed))
    return keys


@pytest.mark.parametrize(
    ("shape", "ours"),
    [
        ("LoadBalancerAttribute", edge.LOAD_BALANCER_ATTRIBUTES),
        ("TargetGroupAttribute", edge.TARGET_GROUP_ATTRIBUTES),
        ("ListenerAttribute", edge.LISTENER_ATTRIBUTES),
    ],
)
def test_knows_the_attributes_that_the_api_documents(shape: str, ours: frozenset[str]) -> None:
    assert documented(shape) == ours


def test_accepts_every_policy_that_a_description_may_choose() -> None:
    assert {policy.value for policy in TlsPolicy} <= edge.TLS_POLICIES
