"""A service: its task, its deployment, its discovery and its scaling."""

import json
from typing import Any

import pytest

from checks.rendering import Node
from description.model import System
from templates.names import pascal, stack_of
from templates.render import render
from tests.resolved import as_deployed, deployed, of_type, the
from tests.systems_under_test import REFERENCES, SYSTEMS, described, rendered

REFERENCE_SERVICES = [
    (system, name) for system in REFERENCES for name in described(system).services
]


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    return described(request.param)


def part(system: str | System, service: str, logical_id: str) -> Node:
    return dict(deployed(system)[f"{stack_of(service)}/{logical_id}"]["Properties"])


def container(system: str | System, service: str) -> Node:
    (one,) = part(system, service, "TaskDefinition")["ContainerDefinitions"]
    return dict(one)


def attributes(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {pair["Name"]: pair["Value"] for pair in pairs}


@pytest.mark.parametrize("name", [*REFERENCES, "gateway/development", "payments/development"])
def test_the_cluster_is_observed_and_offers_fargate_and_spot(name: str) -> None:
    cluster = deployed(name)["Services/Cluster"]["Properties"]
    providers = deployed(name)["Services/CapacityProviders"]["Properties"]

    assert cluster["ClusterSettings"] == [{"Name": "containerInsights", "Value": "enabled"}]
    assert providers["CapacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers["DefaultCapacityProviderStrategy"] == [
        {"CapacityProvider": "FARGATE", "Weight": 1}
    ]


def test_a_service_is_deployed_by_replacing_its_tasks(system: System) -> None:
    for name in system.services:
        service = part(system, name, "Service")
        assert service.keys().isdisjoint({"DeploymentController", "SchedulingStrategy"})
        assert "Strategy" not in service["DeploymentConfiguration"]
        assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"] == [
            f"Services/{pascal(name)}SecurityGroup"
        ]
        volumes = part(system, name, "TaskDefinition").get("Volumes", [])
        assert all(set(one) == {"Name"} for one in volumes)


@pytest.mark.parametrize("tags", [{}, {"GuardDutyManaged": "false"}])
def test_guardduty_watches_the_cluster_unless_the_tags_say_otherwise(tags: dict[str, str]) -> None:
    system = described("gateway").model_copy(update={"tags": tags})
    cluster = json.loads(render(system)["services.json"])["Resources"]["Cluster"]["Properties"]

    wanted = tags.get("GuardDutyManaged", "true")
    assert cluster["Tags"] == [{"Key": "GuardDutyManaged", "Value": wanted}]


def test_names_end_with_the_environment_suffix() -> None:
    assert (
        deployed("payments")["Services/Cluster"]["Properties"]["ClusterName"]
        == "payment-cluster-blue"
    )
    assert the(deployed("payments"), "AWS::EC2::VPC")["Tags"] == [
        {"Key": "Name", "Value": "payment-vpc-blue"},
        {"Key": "CostCenter", "Value": "engineering"},
        {"Key": "Team", "Value": "payments"},
    ]
    for name in described("payments").services:
        assert part("payments", name, "Service")["ServiceName"] == f"{name}-blue"


def test_both_reference_systems_fit_in_one_account_and_environment() -> None:
    named = {
        "AWS::ECS::Cluster": "ClusterName",
        "AWS::ECR::Repository": "RepositoryName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::SecretsManager::Secret": "Name",
    }
    names = [
        (kind, properties[field])
        for kind, field in named.items()
        for system in REFERENCES
        for properties in of_type(deployed(system), kind).values()
    ]

    assert len(names) > 10
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("system", "name"), REFERENCE_SERVICES)
def test_a_task_has_one_vcpu_and_two_gigabytes(system: str, name: str) -> None:
    definition = part(system, name, "TaskDefinition")

    assert (definition["Cpu"], definition["Memory"]) == ("1024", "2048")
    assert definition["RequiresCompatibilities"] == ["FARGATE"]
    assert definition["NetworkMode"] == "awsvpc"


@pytest.mark.parametrize(("system", "name"), REFERENCE_SERVICES)
def test_logs_go_to_the_group_of_the_service(system: str, name: str) -> None:
    options = container(system, name)["LogConfiguration"]["Options"]
    group = deployed(system)[f"Roles/{pascal(name)}LogGroup"]["Properties"]["LogGroupName"]

    assert options["awslogs-group"] == group == f"/ecs/payment-{name}-blue"


def test_a_task_definition_is_called_as_its_service_and_runs_on_linux(system: System) -> None:
    for name in system.services:
        definition = part(system, name, "TaskDefinition")
        assert definition["Family"] == f"{system.name_prefix}-{name}-blue"
        assert definition["RuntimePlatform"]["OperatingSystemFamily"] == "LINUX"
        assert definition["RequiresCompatibilities"] == ["FARGATE"]
        assert definition["ContainerDefinitions"][0]["Name"] == name


def test_a_container_listens_where_the_description_says(system: System) -> None:
    for name, spec in system.services.items():
        ports = [] if spec.port is None else [{"ContainerPort": spec.port, "Protocol": "tcp"}]
        assert container(system, name).get("PortMappings", []) == ports


def test_log_streams_are_called_as_their_service(system: System) -> None:
    for name in system.services:
        options = container(system, name)["LogConfiguration"]["Options"]
        assert options["awslogs-stream-prefix"] == name


def test_the_image_is_pinned_by_digest(system: System) -> None:
    digests = {name: f"sha256:{number:064x}" for number, name in enumerate(system.services)}
    given = {f"{pascal(name)}ImageDigest": digest for name, digest in digests.items()}
    resources = as_deployed(rendered(system), **given)

    for name, digest in digests.items():
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        assert definition["ContainerDefinitions"][0]["Image"].endswith(f"@{digest}")


def test_a_container_writes_only_where_the_description_says(system: System) -> None:
    for name, spec in system.services.items():
        one = container(system, name)
        volumes = part(system, name, "TaskDefinition").get("Volumes", [])
        mounts = one.get("MountPoints", [])
        assert one["ReadonlyRootFilesystem"] is True
        assert [mount["ContainerPath"] for mount in mounts] == list(spec.writable_paths)
        assert [mount["SourceVolume"] for mount in mounts] == [v["Name"] for v in volumes]
        assert not any(mount["ReadOnly"] for mount in mounts)


def test_a_container_runs_as_the_user_of_the_description_and_not_as_root(system: System) -> None:
    for name, spec in system.services.items():
        user = container(system, name).get("User")
        assert user == spec.user
        assert user is None or "0" not in user.split(":")


def test_a_container_runs_as_the_user_of_its_image_where_none_is_described() -> None:
    assert described("enclave").services["audit"].user is None
    assert "User" not in container("enclave", "audit")
    assert container("enclave", "tokenizer")["User"] == "10001:10001"


def test_tasks_run_on_the_newest_platform(system: System) -> None:
    for name in system.services:
        assert part(system, name, "Service")["PlatformVersion"] == "LATEST"


def test_a_container_gets_the_time_to_stop_that_the_description_gives(system: System) -> None:
    for name, spec in system.services.items():
        one = container(system, name)
        assert one["StopTimeout"] == spec.stop_timeout <= 120
        assert one["LinuxParameters"] == {"InitProcessEnabled": True}


@pytest.mark.parametrize(("system", "name"), REFERENCE_SERVICES)
def test_every_service_has_a_health_check_at_health(system: str, name: str) -> None:
    check = container(system, name)["HealthCheck"]

    assert check["Command"][0] == "CMD"
    assert check["Command"][-1] == "http://127.0.0.1:8080/health"
    assert check["Interval"] == 30


def test_a_container_is_checked_as_the_description_says(system: System) -> None:
    for name, spec in system.services.items():
        check = spec.health_check
        assert container(system, name).get("HealthCheck") == (
            {
                "Command": list(check.command),
                "Interval": check.interval,
                "Timeout": check.timeout,
                "Retries": 3,
                "StartPeriod": check.start_period,
            }
            if check.command
            else None
        )


def test_target_group_container_and_service_agree_on_port_and_name(system: System) -> None:
    routed = {name: spec for name, spec in system.services.items() if spec.routes}

    for name, spec in routed.items():
        (target,) = part(system, name, "Service")["LoadBalancers"]
        one = container(system, name)
        assert target["ContainerName"] == one["Name"]
        assert target["ContainerPort"] == one["PortMappings"][0]["ContainerPort"] == spec.port


def test_a_new_port_of_a_service_does_not_replace_its_target_group() -> None:
    ports = {
        part(system, name, "TargetGroup")["Port"]
        for system in SYSTEMS
        for name, spec in described(system).services.items()
        if spec.routes
    }

    assert ports == {80}


def test_a_service_that_loses_its_routes_or_its_port_is_told_so(system: System) -> None:
    for name, spec in system.services.items():
        service = part(system, name, "Service")
        assert len(service["LoadBalancers"]) == bool(spec.routes)
        assert len(service["ServiceRegistries"]) == bool(spec.port)


def test_a_routed_service_has_time_to_start_before_its_health_counts(system: System) -> None:
    for name, spec in system.services.items():
        grace = part(system, name, "Service").get("HealthCheckGracePeriodSeconds")
        assert grace == (spec.health_check.start_period if spec.routes else None)


def test_rolls_back_a_deployment_that_does_not_settle(system: System) -> None:
    for name in system.services:
        deployment = part(system, name, "Service")["DeploymentConfiguration"]
        assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
        assert deployment["MinimumHealthyPercent"] == 100
        assert deployment["MaximumPercent"] == 200


def test_tasks_spread_over_the_zones_again_after_one_was_lost(system: System) -> None:
    for name in system.services:
        assert part(system, name, "Service")["AvailabilityZoneRebalancing"] == "ENABLED"


def test_tasks_carry_the_tags_of_their_service(system: System) -> None:
    for name in system.services:
        service = part(system, name, "Service")
        assert service["PropagateTags"] == "SERVICE"
        assert service["EnableECSManagedTags"] is True


def test_nobody_can_open_a_shell_in_a_container(system: System) -> None:
    for name in system.services:
        assert part(system, name, "Service")["EnableExecuteCommand"] is False


def test_an_update_does_not_reset_the_scaled_count(system: System) -> None:
    for name in system.services:
        assert "DesiredCount" not in part(system, name, "Service")


def test_capacity_comes_from_a_strategy_and_no_launch_type(system: System) -> None:
    for name, spec in system.services.items():
        service = part(system, name, "Service")
        shares = {one["CapacityProvider"]: one for one in service["CapacityProviderStrategy"]}
        assert "LaunchType" not in service
        assert shares.get("FARGATE_SPOT", {}).get("Weight", 0) == spec.capacity.spot_weight
        if "FARGATE" in shares:
            assert shares["FARGATE"]["Base"] == spec.capacity.fargate_base
            assert shares["FARGATE"]["Weight"] == spec.capacity.fargate_weight


def test_payments_runs_half_on_spot_with_a_base_where_payments_pass() -> None:
    shares = {
        name: part("payments", name, "Service")["CapacityProviderStrategy"]
        for name in described("payments").services
    }
    spot = {"CapacityProvider": "FARGATE_SPOT", "Weight": 1}

    assert shares == {
        "payment-api": [{"CapacityProvider": "FARGATE", "Base": 2, "Weight": 1}, spot],
        "fraud-detection": [{"CapacityProvider": "FARGATE", "Base": 2, "Weight": 1}, spot],
        "notification-service": [{"CapacityProvider": "FARGATE", "Base": 0, "Weight": 1}, spot],
    }


def test_every_service_with_a_port_is_found_by_its_name(system: System) -> None:
    for name, spec in system.services.items():
        service = part(system, name, "Service")
        if spec.port is None:
            assert service["ServiceRegistries"] == []
            continue
        entry = part(system, name, "DiscoveryEntry")
        address = f"{stack_of(name)}/DiscoveryEntry.Arn"
        assert service["ServiceRegistries"] == [{"RegistryArn": address}]
        assert entry["Name"] == name
        assert entry["DnsConfig"]["NamespaceId"] == "Services/Namespace"
        assert entry["DnsConfig"]["RoutingPolicy"] == "MULTIVALUE"
        assert entry["DnsConfig"]["DnsRecords"] == [{"Type": "A", "TTL": "10"}]


def test_a_service_waits_for_its_cluster_and_a_way_out(system: System) -> None:
    resources = rendered(system).templates["parent.json"]["Resources"]
    cluster = rendered(system).templates["services.json"]["Resources"]

    assert "CapacityProviders" in cluster  # there once all of the stack is
    for name in system.services:
        one = resources[stack_of(name)]
        assert one["DependsOn"] == ["Network"]
        assert one["Properties"]["Parameters"]["ClusterName"] == {
            "Fn::GetAtt": ["Services", "Outputs.EcsClusterName"]
        }


@pytest.mark.parametrize("name", REFERENCES)
def test_names_resolve_in_payment_local_within_the_vpc(name: str) -> None:
    namespace = deployed(name)["Services/Namespace"]["Properties"]

    assert namespace == {"Name": "payment.local", "Vpc": "Vpc"}


def test_callers_know_their_callees_by_service_name_and_port() -> None:
    environment = attributes(container("gateway", "api-gateway")["Environment"])

    assert environment["PAYMENT_PROCESSOR_URL"] == "http://payment-processor.payment.local:8080"
    assert environment["FRAUD_DETECTOR_URL"] == "http://fraud-detector.payment.local:8080"


def test_a_worker_has_neither_port_nor_address() -> None:
    workers = [
        (system, name)
        for system in SYSTEMS
        for name, spec in described(system).services.items()
        if spec.port is None
    ]

    assert workers
    for system, name in workers:
        assert "PortMappings" not in container(system, name)
        assert f"{stack_of(name)}/DiscoveryEntry" not in deployed(system)


def test_an_arm_image_runs_on_arm() -> None:
    architectures = {
        part(system, name, "TaskDefinition")["RuntimePlatform"]["CpuArchitecture"]
        for system in SYSTEMS
        for name in described(system).services
    }

    assert architectures == {"X86_64", "ARM64"}
