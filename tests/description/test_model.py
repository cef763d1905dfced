"""Numbers of the model against those that cfn-lint takes from AWS."""

import json
from importlib.resources import files
from typing import Any

import pytest
from cfnlint.jsonschema import StandardValidator
from cfnlint.schema.manager import ProviderSchemaManager

from description.fargate import MEMORY_BY_CPU
from description.model import RETENTION_DAYS, Scaling, Service, System
from tests.description.written import described


def test_offers_the_task_sizes_that_fargate_offers() -> None:
    extensions = files("cfnlint") / "data/schemas/extensions/aws_ecs_taskdefinition"
    rule: Any = json.loads((extensions / "fargate_cpu_memory.json").read_text())
    every_size = {size for sizes in MEMORY_BY_CPU.values() for size in sizes}
    for cpu, sizes in MEMORY_BY_CPU.items():
        offered = {
            size
            for size in {*every_size, sizes[0] - 256, sizes[0] + 512, sizes[-1] + 1024}
            if StandardValidator(rule).is_valid(
                {"Cpu": str(cpu), "Memory": size, "RequiresCompatibilities": ["FARGATE"]}
            )
        }
        assert offered == set(sizes), cpu


def test_offers_the_cpu_sizes_that_fargate_offers() -> None:
    extensions = files("cfnlint") / "data/schemas/extensions/aws_ecs_taskdefinition"
    rule = (extensions / "fargate_cpu_memory.json").read_text()
    assert rule.count('"Cpu": {') - 1 == len(MEMORY_BY_CPU)


def test_offers_the_retention_that_cloudwatch_logs_offers() -> None:
    schema = ProviderSchemaManager().get_resource_schema("us-east-1", "AWS::Logs::LogGroup").schema
    assert tuple(schema["properties"]["RetentionInDays"]["enum"]) == RETENTION_DAYS


def test_the_longest_names_fit_what_aws_allows() -> None:
    longest = "a" * 32
    system = described(f"name_prefix: {longest}\ncluster_name: {longest}\nnamespace: {'a' * 63}.b")
    environment = "e" * 16
    family = f"{system.name_prefix}-{longest}-{environment}"
    assert len(family) <= 255  # task definition family, cluster and service (ECS API)
    assert len(family) <= 256  # repository (ECR API)
    assert len(f"/ecs/{family}") <= 512  # log group (CloudWatch Logs API)
    assert len(family) <= 512  # secret (Secrets Manager API)
    assert len(f"{longest}.{System.model_fields['namespace'].metadata[0].max_length * 'a'}") <= 253
    assert len(f"{longest}-{environment}") <= 128 - 3 * 13  # a stack's name, and those nested in it


@pytest.mark.parametrize("field", ["port", "cpu", "memory", "stop_timeout", "scaling"])
def test_a_description_cannot_be_changed_once_it_is_read(field: str) -> None:
    service = Service(health_check={"command": ("CMD", "/alive")})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="frozen"):
        setattr(service, field, 1)


def test_defaults_are_the_safe_choices() -> None:
    system = described("")
    assert system.edge.protocol == "https"
    assert system.edge.tls_policy == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert system.network.nat == "per-zone"
    assert (system.network.zones, system.removal_policy) == (3, "retain")
    assert (system.logs.retention_days, system.logs.key) == (400, "customer")
    assert (system.registry.scan_on_push, system.registry.immutable_tags) == (True, True)
    service = system.services["worker"]
    assert (service.capacity.spot_weight, service.stop_timeout) == (0, 120)
    assert service.scaling == Scaling(min=2, max=10, cpu=70, memory=70)
    assert not service.scaling.memory_scale_in
    assert service.user == "10001:10001"


@pytest.mark.parametrize(
    "field",
    [
        "routes: [{priority: 1, paths: [/*, /a*, /b*, /c*], hosts: ['*.eu']}]",
        "scaling: {min: 3, max: 3}",
        "scaling: {min: 3, max: 3, cpu: null, memory: null}",
        "scaling: {cpu: null}",
        "scaling: {memory: null}",
        "scaling: {cpu: null, memory: null, requests_per_target: 5}",
        "capacity: {fargate_weight: 0, spot_weight: 1}",
        "health_check: {interval: 6, timeout: 5}",
        "stop_timeout: 2",
        "user: '1'",
        "user: 1:1",
        "user: null",
    ],
)
def test_accepts_what_is_just_allowed(field: str) -> None:
    service = described(f"services: {{api: {{{field}}}}}").services["api"]
    assert service.model_fields_set == {field.partition(":")[0]}


@pytest.mark.parametrize("user", ["root", "'0'", "0:0", "0:1000", "1000:0", "'01000'", "'1000:'"])
def test_no_container_runs_as_root_or_as_somebody_only_the_image_knows(user: str) -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        described(f"services: {{worker: {{user: {user}}}}}")
