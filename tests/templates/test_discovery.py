"""Discovery: the namespace and what makes a task be found in it."""

import pytest

from tests.resolved import deployed, of_type, the
from tests.systems_under_test import SYSTEMS, described


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_namespace_has_the_name_of_the_description(system: str) -> None:
    namespace = the(deployed(system), "AWS::ServiceDiscovery::PrivateDnsNamespace")

    assert namespace == {"Name": described(system).namespace, "Vpc": "Vpc"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_ecs_says_which_tasks_are_healthy_enough_to_be_found(system: str) -> None:
    entries = of_type(deployed(system), "AWS::ServiceDiscovery::Service")
    with_port = [name for name, spec in described(system).services.items() if spec.port]

    assert len(entries) == len(with_port) > 0
    for address, entry in entries.items():
        assert entry["HealthCheckCustomConfig"] == {"FailureThreshold": 1}, address
