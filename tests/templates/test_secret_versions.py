"""A service is deployed anew when it is told another version of its secrets, and only then."""

import json
from pathlib import Path

import pytest

from checks.rendering import Rendering
from checks.resolved import resolve, samples
from description import versions
from description.load import load
from templates.render import render
from tests.systems_under_test import FILES, described, rendered

NAMES = ("api", "cards-api", "api-cards", "cards")
"""Names of which some are in others."""


def nonces(rendering: Rendering, told: dict[str, str]) -> dict[str, str]:
    """Return what makes ECS deploy each service anew that reads secrets."""
    parameters = {**samples(rendering), **versions.as_values(told, list(told))}
    found = {}
    for service in resolve(rendering, parameters).of_type("AWS::ECS::Service"):
        if forced := service.properties.get("ForceNewDeployment"):
            assert forced["EnableForceNewDeployment"] is True
            name = str(service.properties["ServiceName"]).rpartition("-")[0]
            found[name] = str(forced["ForceNewDeploymentNonce"])
    return found


@pytest.mark.parametrize("name", [one for one in FILES if described(one).secrets])
def test_only_services_that_read_secrets_can_be_told(name: str) -> None:
    system = described(name)
    assert nonces(rendered(name), {}) == dict.fromkeys(system.readers, "v")
    assert system.readers == [one for one, spec in system.services.items() if spec.secret_names]


def test_each_service_gets_its_own_version_also_where_a_name_is_in_another(tmp_path: Path) -> None:
    check = {"health_check": {"command": ["CMD", "/app/health"]}}
    reads = {**check, "secrets": {"KEY": {"secret": "keys", "key": "key"}}}
    content = {
        "name": "x",
        "description": "x",
        "secrets": {"keys": {"description": "x", "keys": ["key"]}},
        "services": {**dict.fromkeys(NAMES, reads), "other": check},
    }
    path = tmp_path / "x.yaml"
    path.write_text(json.dumps(content))
    rendering = Rendering("x", render(load(path)))

    for order in (NAMES, NAMES[::-1]):
        told = {name: str(number) * versions.DIGITS for number, name in enumerate(order)}
        assert nonces(rendering, told) == {name: f"v{one}" for name, one in told.items()}
    for name in NAMES:
        expected = dict.fromkeys(NAMES, "v") | {name: "v1a2b3c4d"}
        assert nonces(rendering, {name: "1a2b3c4d"}) == expected
