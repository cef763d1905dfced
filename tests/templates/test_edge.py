"""The edge: the load balancer, its listeners and what it routes."""

import pytest

from checks.rendering import Rendering
from description.model import HealthCheck
from templates.names import stack_of
from templates.render import render
from tests.resolved import as_deployed, deployed, of_type, the
from tests.systems_under_test import REFERENCES, SYSTEMS, described, rendered

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
BOTH_PROFILES = [*REFERENCES, *(f"{name}/development" for name in REFERENCES)]


@pytest.mark.parametrize("system", REFERENCES)
def test_the_load_balancer_faces_the_internet_from_the_public_subnets(system: str) -> None:
    balancer = the(deployed(system), "AWS::ElasticLoadBalancingV2::LoadBalancer")

    assert balancer["Type"] == "application"
    assert balancer["Scheme"] == "internet-facing"
    assert balancer["Subnets"] == [f"PublicSubnet{zone}" for zone in "ABC"]
    assert balancer["SecurityGroups"] == ["LoadBalancerSecurityGroup"]


@pytest.mark.parametrize("system", REFERENCES)
def test_the_load_balancer_refuses_malformed_requests(system: str) -> None:
    given = as_deployed(rendered(system), DeletionProtection="false")
    balancer = the(given, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}

    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "defensive"
    assert attributes["deletion_protection.enabled"] == "false"


@pytest.mark.parametrize("system", REFERENCES)
def test_https_is_served_with_tls_1_2_or_newer_and_the_certificate_given(system: str) -> None:
    given = as_deployed(rendered(system), CertificateArn="/some/certificate")
    listener = given["HttpsListener"]["Properties"]

    assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
    assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert listener["Certificates"] == [{"CertificateArn": "{{resolve:ssm:/some/certificate}}"}]


@pytest.mark.parametrize("system", BOTH_PROFILES)
def test_what_no_route_is_for_is_not_found(system: str) -> None:
    assert deployed(system)["HttpsListener"]["Properties"]["DefaultActions"] == [
        {
            "Type": "fixed-response",
            "FixedResponseConfig": {
                "StatusCode": "404",
                "ContentType": "text/plain",
                "MessageBody": "Not found",
            },
        }
    ]


@pytest.mark.parametrize("system", BOTH_PROFILES)
def test_http_is_only_redirected_to_https(system: str) -> None:
    resources = deployed(system)
    http = deployed(system)["HttpListener"]["Properties"]
    assert (http["Port"], http["Protocol"]) == (80, "HTTP")
    on_port_80 = [one for one in of_type(resources, LISTENER).values() if one["Port"] == 80]

    assert [one["DefaultActions"] for one in on_port_80] == [
        [
            {
                "Type": "redirect",
                "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
            }
        ]
    ]
    rules = of_type(resources, RULE).values()
    assert {rule["ListenerArn"] for rule in rules} == {"HttpsListener"}


@pytest.mark.parametrize("protocol", ["http", "https"])
def test_port_80_has_the_same_listener_with_and_without_https(protocol: str) -> None:
    system = described("gateway")
    edge = system.edge.model_copy(update={"protocol": protocol})
    rendering = Rendering("gateway", render(system.model_copy(update={"edge": edge})))
    listeners = of_type(as_deployed(rendering), LISTENER)

    assert listeners["HttpListener"]["Port"] == 80


def test_a_system_that_asks_for_http_gets_no_https_listener() -> None:
    system = described("gateway")
    edge = system.edge.model_copy(update={"protocol": "http"})
    rendering = Rendering("gateway", render(system.model_copy(update={"edge": edge})))
    listener = the(as_deployed(rendering), LISTENER)

    assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")
    assert listener["DefaultActions"][0]["Type"] == "fixed-response"
    assert "CertificateArn" not in rendering.templates["parent.json"]["Parameters"]


@pytest.mark.parametrize("system", REFERENCES)
def test_a_request_that_no_route_matches_gets_404(system: str) -> None:
    (action,) = deployed(system)["HttpsListener"]["Properties"]["DefaultActions"]

    assert action["FixedResponseConfig"]["StatusCode"] == "404"


def test_the_gateway_sends_every_path_to_api_gateway() -> None:
    rules = of_type(deployed("gateway"), RULE)

    assert [rule["Conditions"] for rule in rules.values()] == [
        [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}]
    ]
    assert [rule["Actions"] for rule in rules.values()] == [
        [{"Type": "forward", "TargetGroupArn": "ApiGatewayService/TargetGroup"}]
    ]


def test_payments_routes_by_path_to_payment_api() -> None:
    rule = the(deployed("payments"), RULE)

    assert rule["Conditions"][0]["PathPatternConfig"]["Values"] == ["/payments", "/payments/*"]
    assert rule["Actions"] == [
        {"Type": "forward", "TargetGroupArn": "PaymentApiService/TargetGroup"}
    ]


@pytest.mark.parametrize("system", BOTH_PROFILES)
def test_targets_are_checked_at_health_every_30_seconds(system: str) -> None:
    group = the(deployed(system), "AWS::ElasticLoadBalancingV2::TargetGroup")

    assert group["HealthCheckPath"] == "/health"
    assert group["HealthCheckIntervalSeconds"] == 30
    assert group["Matcher"] == {"HttpCode": "200"}
    assert (group["TargetType"], group["Protocol"]) == ("ip", "HTTP")
    assert (group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]) == (2, 3)
    assert group["HealthCheckTimeoutSeconds"] == 5


@pytest.mark.parametrize("system", BOTH_PROFILES)
def test_leaving_targets_finish_their_requests_and_the_least_busy_one_gets_the_next(
    system: str,
) -> None:
    group = the(deployed(system), "AWS::ElasticLoadBalancingV2::TargetGroup")
    attributes = {one["Key"]: one["Value"] for one in group["TargetGroupAttributes"]}

    assert attributes == {
        "deregistration_delay.timeout_seconds": "30",
        "load_balancing.algorithm.type": "least_outstanding_requests",
    }


def test_the_first_task_waits_for_its_listener_rule() -> None:
    service = deployed("gateway")["ApiGatewayService/Service"]

    assert "ApiGatewayService/ListenerRule100" in service["DependsOn"]


ROUTED = [name for name in SYSTEMS if described(name).routed]


@pytest.mark.parametrize("system", ROUTED)
def test_each_rule_matches_what_its_route_says(system: str) -> None:
    resources = deployed(system)
    rules = {
        (rule["Actions"][0]["TargetGroupArn"], rule["Priority"]): {
            one["Field"]: one.get("HostHeaderConfig", one.get("PathPatternConfig"))["Values"]
            for one in rule["Conditions"]
        }
        for rule in of_type(resources, RULE).values()
    }

    assert len(rules) == len(of_type(resources, RULE)) > 0
    assert rules == {
        (f"{stack_of(name)}/TargetGroup", route.priority): {
            field: list(values)
            for field, values in (("host-header", route.hosts), ("path-pattern", route.paths))
            if values
        }
        for name, spec in described(system).services.items()
        for route in spec.routes
    }


@pytest.mark.parametrize("system", ROUTED)
def test_the_load_balancer_lets_in_what_it_listens_to_and_nothing_else(system: str) -> None:
    resources = deployed(system)
    group = resources["LoadBalancerSecurityGroup"]["Properties"]
    listened = sorted(one["Port"] for one in of_type(resources, LISTENER).values())
    let_in = [
        (one["IpProtocol"], one["FromPort"], one["ToPort"]) for one in group["SecurityGroupIngress"]
    ]

    assert listened == ([80] if described(system).edge.protocol == "http" else [80, 443])
    assert sorted(let_in) == [("tcp", port, port) for port in listened]


def test_some_system_listens_to_http_only() -> None:
    assert "http" in {described(name).edge.protocol for name in ROUTED}


@pytest.mark.parametrize("system", ROUTED)
def test_an_idle_connection_stays_open_as_long_as_the_description_says(system: str) -> None:
    balancer = the(deployed(system), "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}

    assert attributes["idle_timeout.timeout_seconds"] == str(described(system).edge.idle_timeout)


def attributes_of_the_load_balancer(access_logs: bool) -> dict[str, str]:
    system = described("gateway")
    edge = system.edge.model_copy(update={"access_logs": access_logs})
    rendering = Rendering("gateway", render(system.model_copy(update={"edge": edge})))
    balancer = the(as_deployed(rendering), "AWS::ElasticLoadBalancingV2::LoadBalancer")
    return {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}


def test_requests_and_connections_are_recorded_apart() -> None:
    attributes = attributes_of_the_load_balancer(access_logs=True)

    for kind, prefix in (
        ("access_logs", "load-balancer-access"),
        ("connection_logs", "load-balancer-connections"),
    ):
        assert attributes[f"{kind}.s3.enabled"] == "true"
        assert attributes[f"{kind}.s3.bucket"] == "LogBucket"
        assert attributes[f"{kind}.s3.prefix"] == prefix


def test_logs_that_are_not_wanted_are_turned_off() -> None:
    attributes = attributes_of_the_load_balancer(access_logs=False)

    # An attribute that is taken away would keep its value.
    assert attributes["access_logs.s3.enabled"] == "false"
    assert attributes["connection_logs.s3.enabled"] == "false"
    assert not any(key.endswith((".bucket", ".prefix")) for key in attributes)


def test_targets_are_checked_and_let_go_as_the_description_says() -> None:
    system = described("gateway")
    check = HealthCheck(path="/alive", interval=20, timeout=7, start_period=90)
    spec = system.services["api-gateway"].model_copy(
        update={"health_check": check, "deregistration_delay": 45}
    )
    changed = system.model_copy(update={"services": {**system.services, "api-gateway": spec}})
    resources = as_deployed(Rendering("gateway", render(changed)))
    group = resources["ApiGatewayService/TargetGroup"]["Properties"]
    attributes = {one["Key"]: one["Value"] for one in group["TargetGroupAttributes"]}
    service = resources["ApiGatewayService/Service"]["Properties"]

    assert group["HealthCheckPath"] == "/alive"
    assert group["HealthCheckIntervalSeconds"] == 20
    assert group["HealthCheckTimeoutSeconds"] == 7
    assert attributes["deregistration_delay.timeout_seconds"] == "45"
    assert service["HealthCheckGracePeriodSeconds"] == 90
