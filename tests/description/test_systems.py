"""What the texts of the reference systems decide, and what the other systems are there for."""

from description.model import Service, System
from tests.systems_under_test import SYSTEMS, described


def _services(system: System) -> list[Service]:
    return list(system.services.values())


def test_gateway_has_the_network_of_its_text() -> None:
    network = described("gateway/development").network
    assert str(network.vpc_cidr) == "10.0.0.0/16"
    assert list(map(str, network.public_ranges())) == [f"10.0.{n}.0/24" for n in (0, 1, 2)]
    assert list(map(str, network.private_ranges())) == [f"10.0.{n}.0/24" for n in (10, 11, 12)]
    assert network.nat == "single"


def test_gateway_has_the_services_of_its_text() -> None:
    system = described("gateway")
    assert list(system.services) == ["api-gateway", "payment-processor", "fraud-detector"]
    assert system.namespace == "payment.local"
    for service in _services(system):
        assert (service.port, service.cpu, service.memory) == (8080, 1024, 2048)
        assert service.health_check.path == "/health"
        scaling = service.scaling
        assert (scaling.min, scaling.max, scaling.cpu, scaling.memory) == (2, 10, 70, 70)
        assert (scaling.scale_out_cooldown, scaling.scale_in_cooldown) == (60, 300)


def test_gateway_is_reached_as_its_diagram_shows() -> None:
    services = described("gateway").services
    assert {name: service.calls for name, service in services.items() if service.calls} == {
        "api-gateway": ("payment-processor", "fraud-detector")
    }
    assert [name for name, service in services.items() if service.routes] == ["api-gateway"]


def test_gateway_has_the_secrets_of_its_text_each_key_where_it_is_needed() -> None:
    system = described("gateway")
    assert {name: secret.keys for name, secret in system.secrets.items()} == {
        "db-credentials": ("username", "password", "host", "port", "database"),
        "api-keys": ("stripe_api_key", "fraud_detection_key"),
    }
    read = {
        name: sorted(f"{one.secret}:{one.key}" for one in service.secrets.values())
        for name, service in system.services.items()
    }
    assert read == {
        "api-gateway": [],
        "payment-processor": [
            "api-keys:stripe_api_key",
            "db-credentials:database",
            "db-credentials:host",
            "db-credentials:password",
            "db-credentials:port",
            "db-credentials:username",
        ],
        "fraud-detector": ["api-keys:fraud_detection_key"],
    }


def test_gateway_makes_repositories_keeps_its_own_key_and_can_be_destroyed() -> None:
    system = described("gateway/development")
    assert (system.registry.mode, system.registry.scan_on_push) == ("create", True)
    assert system.logs.key == "customer"
    assert system.removal_policy == "destroy"
    assert system.logs.retention_days == 30


def test_payments_has_the_edge_and_the_network_of_its_text() -> None:
    system = described("payments")
    assert system.edge.protocol == "https"
    assert (system.network.zones, system.network.nat) == (3, "per-zone")
    assert {
        name: service.routes[0].paths for name, service in system.services.items() if service.routes
    } == {"payment-api": ("/payments", "/payments/*")}


def test_payments_has_the_services_of_its_text() -> None:
    system = described("payments")
    assert list(system.services) == ["payment-api", "fraud-detection", "notification-service"]
    for service in _services(system):
        assert (service.scaling.cpu, service.scaling.memory) == (70, 80)
        assert (service.scaling.min, service.scaling.max) == (2, 10)
        assert service.health_check.interval == 30


def test_payments_runs_half_on_spot_but_no_payment_waits_for_spot_alone() -> None:
    services = described("payments").services
    for service in services.values():
        assert service.capacity.fargate_weight == service.capacity.spot_weight > 0
    assert {name: service.capacity.fargate_base for name, service in services.items()} == {
        "payment-api": 2,
        "fraud-detection": 2,
        "notification-service": 0,
    }


def test_payments_uses_what_exists_and_the_key_that_aws_manages() -> None:
    system = described("payments/development")
    assert (system.registry.mode, system.logs.key) == ("existing", "aws")
    assert system.tags == {"Team": "payments", "CostCenter": "engineering"}


def test_both_references_fit_into_one_account() -> None:
    systems = [described("gateway"), described("payments")]
    clusters = {one.cluster_name or f"{one.name_prefix}-cluster" for one in systems}
    assert clusters == {"payment-gateway", "payment-cluster"}
    names = [f"{one.name_prefix}-{name}" for one in systems for name in one.services]
    assert len(set(names)) == len(names)


def test_marketplace_shows_what_a_large_system_may_have() -> None:
    system = described("marketplace")
    services = system.services
    assert len(services) == 12
    routes = [route for service in services.values() for route in service.routes]
    assert {(bool(route.hosts), bool(route.paths)) for route in routes} == {
        (True, True),
        (True, False),
        (False, True),
    }
    assert [name for name, service in services.items() if service.port is None] == [
        "transfer-worker",
        "report-worker",
    ]
    assert "ledger" in services["orders"].calls
    assert "orders" in services["ledger"].calls
    assert {service.architecture for service in services.values()} == {"x86_64", "arm64"}
    assert any(service.scaling.requests_per_target for service in services.values())
    assert any(service.scaling.memory is None for service in services.values())


def test_systems_together_use_every_kind_of_nat_and_both_protocols() -> None:
    systems = [described(name) for name in SYSTEMS]
    assert {one.network.nat for one in systems} == {"none", "single", "per-zone", "regional"}
    assert {one.edge.protocol for one in systems} == {"http", "https"}
