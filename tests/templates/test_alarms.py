"""Alarms: on what, over whom, and who hears of them."""

import pytest

from checks.rendering import Node, Rendering
from description.model import Nat, System
from templates.names import stack_of
from templates.render import render
from tests.resolved import Resources, as_deployed, deployed, of_type
from tests.systems_under_test import FILES, SYSTEMS, described

ALARM = "AWS::CloudWatch::Alarm"


@pytest.fixture(params=sorted(FILES))
def system(request: pytest.FixtureRequest) -> System:
    return described(request.param)


def dimensions(alarm: Node) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in alarm["Dimensions"]}


def watched(alarm: Node) -> tuple[str, str, str]:
    return alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]


def of_service(system: str | System, service: str) -> dict[str, Node]:
    place = f"{stack_of(service)}/"
    found = of_type(deployed(system), ALARM).items()
    return {address.removeprefix(place): one for address, one in found if address.startswith(place)}


def without_alarms(name: str) -> Resources:
    changed = described(name).model_copy(update={"alarms": False})
    return as_deployed(Rendering(name, render(changed)))


def test_the_topic_hears_when_an_alarm_rings_and_when_it_ends(system: System) -> None:
    alarms = of_type(deployed(system), ALARM)

    assert bool(alarms) == system.alarms
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["Security/AlarmTopic"]
        assert alarm["TreatMissingData"] in ("breaching", "notBreaching")
        assert alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]


def test_every_service_has_alarms_over_its_tasks(system: System) -> None:
    for name, spec in system.services.items():
        found = of_service(system, name)
        routed = {"ErrorsAlarm", "UnhealthyAlarm"} if spec.routes else set()
        tasks = {"TasksAlarm", "CpuAlarm", "MemoryAlarm"}
        assert set(found) == (tasks | routed if system.alarms else set())
        for one in tasks & found.keys():
            assert dimensions(found[one]) == {
                "ClusterName": "Services/Cluster",
                "ServiceName": f"{name}-blue",
            }


def test_too_few_tasks_are_fewer_than_scaling_keeps(system: System) -> None:
    for name, spec in system.services.items():
        alarm = of_service(system, name)["TasksAlarm"]
        assert watched(alarm) == ("ECS/ContainerInsights", "RunningTaskCount", "Minimum")
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "LessThanThreshold",
            spec.scaling.min,
        )
        # Container Insights says nothing of a service that is not there.
        assert alarm["TreatMissingData"] == "breaching"


def test_alarms_over_tasks_come_after_the_first_tasks() -> None:
    for logical_id in ("TasksAlarm", "CpuAlarm", "MemoryAlarm"):
        alarm = deployed("gateway")[f"ApiGatewayService/{logical_id}"]
        assert alarm["DependsOn"] == ["ApiGatewayService/Service"]


@pytest.mark.parametrize(
    ("logical_id", "metric"),
    [("CpuAlarm", "CPUUtilization"), ("MemoryAlarm", "MemoryUtilization")],
)
def test_high_utilization_rings_where_scaling_no_longer_helps(logical_id: str, metric: str) -> None:
    spec = described("gateway").services["api-gateway"]
    alarm = of_service("gateway", "api-gateway")[logical_id]

    assert watched(alarm) == ("AWS/ECS", metric, "Average")
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Threshold"] > max(spec.scaling.cpu or 0, spec.scaling.memory or 0)
    assert alarm["EvaluationPeriods"] * alarm["Period"] > spec.scaling.scale_out_cooldown


def test_what_the_load_balancer_sees_is_watched_at_the_service_s_targets() -> None:
    for logical_id, metric, statistic in (
        ("ErrorsAlarm", "HTTPCode_Target_5XX_Count", "Sum"),
        ("UnhealthyAlarm", "UnHealthyHostCount", "Maximum"),
    ):
        alarm = of_service("gateway", "api-gateway")[logical_id]
        assert watched(alarm) == ("AWS/ApplicationELB", metric, statistic)
        assert alarm["TreatMissingData"] == "notBreaching"
        assert dimensions(alarm) == {
            "LoadBalancer": "LoadBalancer.LoadBalancerFullName",
            "TargetGroup": "ApiGatewayService/TargetGroup.TargetGroupFullName",
        }


def test_the_load_balancer_itself_is_watched() -> None:
    alarms = of_type(deployed("gateway"), ALARM)

    for logical_id, metric in (
        ("LoadBalancerErrorsAlarm", "HTTPCode_ELB_5XX_Count"),
        ("RejectedConnectionsAlarm", "RejectedConnectionCount"),
    ):
        alarm = alarms[logical_id]
        assert watched(alarm) == ("AWS/ApplicationELB", metric, "Sum")
        assert dimensions(alarm) == {"LoadBalancer": "LoadBalancer.LoadBalancerFullName"}


def test_an_alarm_over_a_nat_gateway_is_called_as_the_one_that_it_watches() -> None:
    seen = 0
    for name in SYSTEMS:
        for address, alarm in of_type(deployed(name), ALARM).items():
            gateway = dimensions(alarm).get("NatGatewayId")
            if gateway is not None:
                seen += 1
                stem = address.removesuffix("PortsAlarm").removesuffix("DropsAlarm")
                assert str(gateway).removeprefix("Network/").startswith(stem), address

    assert seen > 6


@pytest.mark.parametrize(
    ("nat", "gateways"),
    [
        ("per-zone", {f"NatGateway{zone}": f"NatGateway{zone}" for zone in "ABC"}),
        ("single", {"NatGateway": "NatGatewayA"}),
        ("regional", {"NatGateway": "NatGateway"}),
        ("none", {}),
    ],
)
def test_every_nat_gateway_is_watched(nat: str, gateways: dict[str, str]) -> None:
    one = described("gateway")
    network = one.network.model_copy(update={"nat": Nat(nat)})
    templates = render(one.model_copy(update={"network": network}))
    resources = as_deployed(Rendering("gateway", templates))
    found = {
        (address, alarm["MetricName"], dimensions(alarm)["NatGatewayId"])
        for address, alarm in of_type(resources, ALARM).items()
        if alarm["Namespace"] == "AWS/NATGateway"
    }

    assert {address for address in resources if address.startswith("Network/NatGateway")} == {
        f"Network/{gateway}" for gateway in gateways.values()
    }
    assert found == {
        (f"{title}{end}", metric, f"Network/{gateway}")
        for title, gateway in gateways.items()
        for end, metric in (
            ("PortsAlarm", "ErrorPortAllocation"),
            ("DropsAlarm", "PacketsDropCount"),
        )
    }


def test_a_deployment_that_makes_errors_is_rolled_back(system: System) -> None:
    for name, spec in system.services.items():
        service = deployed(system)[f"{stack_of(name)}/Service"]
        alarms = service["Properties"]["DeploymentConfiguration"].get("Alarms")
        if not spec.routes:
            assert alarms is None
            continue
        errors = of_service(system, name)["ErrorsAlarm"]
        assert alarms == {"AlarmNames": [errors["AlarmName"]], "Enable": True, "Rollback": True}
        assert errors["Threshold"] == spec.errors_per_minute
        assert f"{stack_of(name)}/ErrorsAlarm" in service["DependsOn"]


def test_only_the_alarm_that_ecs_knows_by_name_has_one(system: System) -> None:
    for address, alarm in of_type(deployed(system), ALARM).items():
        assert ("AlarmName" in alarm) == address.endswith("/ErrorsAlarm")


def test_names_of_alarms_differ_between_systems_of_one_account_and_environment() -> None:
    names = [
        alarm["AlarmName"]
        for system in FILES
        for alarm in of_type(deployed(system), ALARM).values()
        if "AlarmName" in alarm
    ]

    assert len(names) > 3
    assert len(set(names)) == len(names)


def test_without_alarms_nobody_hears_and_no_deployment_waits_for_one() -> None:
    resources = without_alarms("gateway")
    service = resources["ApiGatewayService/Service"]["Properties"]

    assert of_type(resources, ALARM) == {}
    assert "Alarms" not in service["DeploymentConfiguration"]


OF_LOSSES = ("Sum", 60, 5, 5, "GreaterThanThreshold", "notBreaching")
OF_COUNTS = ("Sum", 60, 3, 5, "GreaterThanThreshold", "notBreaching")
OF_SHARES = ("Average", 60, 15, 15, "GreaterThanThreshold", "notBreaching")
EXPECTED = {
    # what the last step of its address ends with: what it looks at, how, and from when it rings
    "PortsAlarm": ("AWS/NATGateway", "ErrorPortAllocation", *OF_LOSSES, 0),
    "DropsAlarm": ("AWS/NATGateway", "PacketsDropCount", *OF_LOSSES, 0),
    "LoadBalancerErrorsAlarm": ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", *OF_COUNTS, 10),
    "ConnectionsAlarm": ("AWS/ApplicationELB", "RejectedConnectionCount", *OF_COUNTS, 0),
    "/ErrorsAlarm": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", *OF_COUNTS, 10),
    "/CpuAlarm": ("AWS/ECS", "CPUUtilization", *OF_SHARES, 90),
    "/MemoryAlarm": ("AWS/ECS", "MemoryUtilization", *OF_SHARES, 90),
    "/UnhealthyAlarm": (
        *("AWS/ApplicationELB", "UnHealthyHostCount"),
        *("Maximum", 60, 5, 5, "GreaterThanThreshold", "notBreaching", 0),
    ),
}


def test_an_alarm_rings_when_it_should(system: System) -> None:
    for address, alarm in of_type(deployed(system), ALARM).items():
        tasks = ("Minimum", 60, 5, 5, "LessThanThreshold", "breaching", alarm["Threshold"])
        expected = {
            **EXPECTED,
            "/TasksAlarm": ("ECS/ContainerInsights", "RunningTaskCount", *tasks),
        }
        (known,) = (one for end, one in expected.items() if address.endswith(end))
        names = ("Namespace", "MetricName", "Statistic", "Period", "DatapointsToAlarm")
        rest = ("EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "Threshold")
        assert tuple(alarm[name] for name in (*names, *rest)) == known, address
        assert "Unit" not in alarm
        assert alarm.get("ActionsEnabled", True) is True


def test_there_are_alarms_to_look_at() -> None:
    assert len(of_type(deployed("gateway"), ALARM)) > len(described("gateway").services) * 3
