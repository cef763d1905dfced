"""No field of a description is forgotten on its way: another value gives other templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_args

import pytest

from checks.rendering import Rendering
from description import crosschecks
from description.fields import Section
from description.model import System
from templates.render import render
from tests.systems_under_test import FILES, described, rendered

Content = Mapping[str, object]
"""Values by their place in a description: ``services/api-gateway/port``."""


@dataclass(frozen=True)
class Change:
    """Another value for a field, in a system in which the field has an effect."""

    system: str
    place: str
    value: object
    given: Content = field(default_factory=dict)
    """What has to be there for the value to be valid; it is there before the change, too."""
    along: Content = field(default_factory=dict)
    """What can only change along with the value."""

    @cached_property
    def before(self) -> System:
        return written(self.system, self.given)

    @property
    def files(self) -> Mapping[str, bytes]:
        """The templates before the change."""
        return render(self.before) if self.given else rendered(self.system).files

    @cached_property
    def after(self) -> System:
        return written(self.system, {**self.given, self.place: self.value, **self.along})

    @cached_property
    def rendered(self) -> Rendering:
        """The templates with the other value."""
        return Rendering(self.after.name, render(self.after), self.after.profile.value)


def written(system: str, content: Content) -> System:
    """Return the system with the given content written into its description."""
    description = described(system).model_dump(mode="json", exclude_unset=True)
    for place, value in content.items():
        *way, last = place.split("/")
        node: Any = description
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        node[last] = value
    return System.model_validate(description)


API = "services/api-gateway"
PROCESSOR = "services/payment-processor"
DETECTOR = "services/fraud-detector"
NOTIFIER = "services/notification-service"
KEYS = ["stripe_api_key", "fraud_detection_key"]
WORKER = {"health_check": {"command": ["CMD", "/app/alive"]}}

CHANGES = {
    "System.name": Change("gateway", "name", "doorway"),
    "System.description": Change("gateway", "description", "A payment gateway of another kind"),
    "System.name_prefix": Change("gateway", "name_prefix", "card"),
    "System.cluster_name": Change("gateway", "cluster_name", "card-cluster"),
    "System.namespace": Change("marketplace", "namespace", "cards.internal"),
    "System.removal_policy": Change("gateway", "removal_policy", "destroy"),
    "System.tags": Change("payments", "tags", {"Team": "payments", "CostCenter": "cards"}),
    "System.alarms": Change("gateway", "alarms", False),
    "System.secrets": Change(
        "gateway",
        "secrets/spare",
        {"description": "One more", "keys": ["key"]},
        along={f"{DETECTOR}/secrets/SPARE_KEY": {"secret": "spare", "key": "key"}},
    ),
    "System.secrets_key": Change("gateway", "secrets_key", "aws"),
    "System.services": Change("gateway", "services/refund-worker", WORKER),
    "Network.vpc_cidr": Change("gateway", "network/vpc_cidr", "10.0.0.0/17"),
    "Network.zones": Change("payments", "network/zones", 2),
    "Network.public_subnets": Change(
        "enclave", "network/public_subnets", ["10.30.4.64/27", "10.30.4.96/27"]
    ),
    "Network.private_subnets": Change(
        "enclave", "network/private_subnets", ["10.30.5.0/26", "10.30.5.64/26"]
    ),
    "Network.nat": Change("gateway", "network/nat", "regional"),
    "Network.endpoints": Change("gateway", "network/endpoints", False),
    "Network.flow_logs": Change("gateway", "network/flow_logs", False),
    "Edge.web_acl": Change("gateway", "edge/web_acl", "none"),
    "Edge.rate_limit": Change("gateway", "edge/rate_limit", 100),
    "Edge.access_logs": Change("gateway", "edge/access_logs", False),
    "Edge.protocol": Change("gateway", "edge/protocol", "http"),
    "Edge.tls_policy": Change(
        "gateway", "edge/tls_policy", "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    ),
    "Edge.deletion_protection": Change("gateway", "edge/deletion_protection", False),
    "Edge.counted_rules": Change(
        "gateway",
        "edge/counted_rules",
        {"AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY"]},
    ),
    "Edge.idle_timeout": Change("gateway", "edge/idle_timeout", 120),
    "Registry.mode": Change("marketplace", "registry/mode", "existing"),
    "Registry.scan_on_push": Change("gateway", "registry/scan_on_push", False),
    "Registry.immutable_tags": Change("gateway", "registry/immutable_tags", False),
    "Registry.key": Change("gateway", "registry/key", "aws"),
    "Lifecycle.untagged_days": Change("gateway", "registry/lifecycle/untagged_days", 30),
    "Lifecycle.keep_tagged": Change("gateway", "registry/lifecycle/keep_tagged", 900),
    "Logs.retention_days": Change("gateway", "logs/retention_days", 365),
    "Logs.key": Change("gateway", "logs/key", "aws"),
    "Secret.description": Change("gateway", "secrets/api-keys/description", "Keys of partners"),
    "Secret.rotation": Change("gateway", "secrets/api-keys/rotation", {"function": "rotate"}),
    "Rotation.function": Change(
        "marketplace", "secrets/ledger-database/rotation/function", "rotate-ledger"
    ),
    "Rotation.days": Change("marketplace", "secrets/ledger-database/rotation/days", 90),
    "Service.port": Change("marketplace", "services/risk/port", 9090),
    "Service.cpu": Change("gateway", f"{DETECTOR}/cpu", 512),
    "Service.memory": Change("gateway", f"{DETECTOR}/memory", 4096),
    "Service.architecture": Change("gateway", f"{DETECTOR}/architecture", "arm64"),
    "Service.repository": Change("enclave", "services/tokenizer/repository", "security/tokens"),
    "Service.routes": Change(
        "marketplace",
        "services/partner-api/routes",
        [{"priority": 100, "paths": ["/v1/*", "/v2/*"]}],
    ),
    "Service.calls": Change("marketplace", "services/orders/calls", ["ledger"]),
    "Service.egress": Change("gateway", f"{PROCESSOR}/egress", []),
    "Service.secrets": Change(
        "gateway", f"{DETECTOR}/secrets/KEY", {"secret": "api-keys", "key": "fraud_detection_key"}
    ),
    "Service.environment": Change("gateway", f"{DETECTOR}/environment", {"LOG_LEVEL": "info"}),
    "Service.permissions": Change("payments", f"{NOTIFIER}/permissions", []),
    "Service.stop_timeout": Change("gateway", f"{DETECTOR}/stop_timeout", 90),
    "Service.deregistration_delay": Change("gateway", f"{API}/deregistration_delay", 45),
    "Service.writable_paths": Change("gateway", f"{DETECTOR}/writable_paths", ["/var/run"]),
    "Service.errors_per_minute": Change("gateway", f"{API}/errors_per_minute", 100),
    "Service.user": Change("gateway", f"{DETECTOR}/user", "20002"),
    "SecretKey.secret": Change(
        "gateway",
        f"{PROCESSOR}/secrets/DB_HOST/secret",
        "api-keys",
        given={
            "secrets/api-keys/keys": [*KEYS, "host"],
            f"{DETECTOR}/secrets/API_HOST": {"secret": "api-keys", "key": "host"},
            f"{DETECTOR}/secrets/DB_HOST": {"secret": "db-credentials", "key": "host"},
        },
    ),
    "SecretKey.key": Change(
        "gateway",
        f"{PROCESSOR}/secrets/DB_HOST/key",
        "port",
        given={f"{DETECTOR}/secrets/DB_HOST": {"secret": "db-credentials", "key": "host"}},
    ),
    "HealthCheck.path": Change("gateway", f"{API}/health_check/path", "/alive"),
    "HealthCheck.command": Change(
        "gateway", f"{DETECTOR}/health_check/command", ["CMD", "/app/alive"]
    ),
    "HealthCheck.interval": Change("gateway", f"{DETECTOR}/health_check/interval", 20),
    "HealthCheck.timeout": Change("gateway", f"{DETECTOR}/health_check/timeout", 7),
    "HealthCheck.start_period": Change("gateway", f"{DETECTOR}/health_check/start_period", 90),
    "Route.priority": Change("gateway", f"{API}/routes/0/priority", 200),
    "Route.paths": Change("gateway", f"{API}/routes/0/paths", ["/cards/*"]),
    "Route.hosts": Change("gateway", f"{API}/routes/0/hosts", ["pay.example.com"]),
    "Permission.sid": Change("payments", f"{NOTIFIER}/permissions/0/sid", "TellPeople"),
    "Permission.actions": Change(
        "payments", f"{NOTIFIER}/permissions/0/actions", ["sns:Publish", "sns:GetTopicAttributes"]
    ),
    "Permission.resources": Change(
        "payments",
        f"{NOTIFIER}/permissions/0/resources",
        ["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:refunds-${EnvironmentSuffix}"],
    ),
    "Egress.description": Change("gateway", f"{PROCESSOR}/egress/0/description", "Ledger"),
    "Egress.port": Change("gateway", f"{PROCESSOR}/egress/0/port", 3306),
    "Egress.cidr": Change("gateway", f"{PROCESSOR}/egress/0/cidr", "10.9.0.0/24"),
    "Scaling.min": Change("gateway", f"{DETECTOR}/scaling/min", 3),
    "Scaling.max": Change("gateway", f"{DETECTOR}/scaling/max", 20),
    "Scaling.cpu": Change("gateway", f"{DETECTOR}/scaling/cpu", 50),
    "Scaling.memory": Change("gateway", f"{DETECTOR}/scaling/memory", 60),
    "Scaling.requests_per_target": Change("gateway", f"{API}/scaling/requests_per_target", 900),
    "Scaling.scale_out_cooldown": Change("gateway", f"{DETECTOR}/scaling/scale_out_cooldown", 90),
    "Scaling.scale_in_cooldown": Change("gateway", f"{DETECTOR}/scaling/scale_in_cooldown", 600),
    "Scaling.memory_scale_in": Change("gateway", f"{DETECTOR}/scaling/memory_scale_in", True),
    "Service.shard": Change("gateway", f"{DETECTOR}/shard", 2),
    "Secret.shard": Change("gateway", "secrets/api-keys/shard", 2),
    "Capacity.fargate_base": Change("payments", f"{NOTIFIER}/capacity/fargate_base", 4),
    "Capacity.fargate_weight": Change("payments", f"{NOTIFIER}/capacity/fargate_weight", 3),
    "Capacity.spot_weight": Change("payments", f"{NOTIFIER}/capacity/spot_weight", 2),
}
"""For each field of the model what changes the templates."""

CHANGES_NOTHING = {
    # Profiles: what they change has changed when there is a system.
    "System.environments": Change("gateway", "environments", {"test": "development"}),
    "Profiles.production": Change("gateway", "profiles/production", {"tags": {"Team": "a"}}),
    "Profiles.development": Change("gateway", "profiles/development", {"tags": {"Team": "a"}}),
    # Where the keys changed the secret, CloudFormation would mint its value again, over what people
    # have set.
    "Secret.keys": Change("gateway", "secrets/api-keys/keys", [*reversed(KEYS)]),
}
"""Fields that on purpose leave the templates as they are."""


def sections(start: Any) -> Iterator[type[Section]]:
    """Yield the sections in a type, however deep."""
    if isinstance(start, type) and issubclass(start, Section):
        yield start
        for one in start.model_fields.values():
            yield from sections(one.annotation)
    for part in get_args(start):
        yield from sections(part)


def fields() -> Iterator[str]:
    """Yield the model's fields, but for those that are a section, which has fields of its own."""
    for section in {one.__name__: one for one in sections(System)}.values():
        for name, one in section.model_fields.items():
            if not (isinstance(one.annotation, type) and issubclass(one.annotation, Section)):
                yield f"{section.__name__}.{name}"


def test_each_field_of_the_model_is_tried() -> None:
    found = list(fields())

    assert len(found) > 50
    assert sorted([*CHANGES, *CHANGES_NOTHING]) == sorted(found)


@pytest.mark.parametrize("name", [*CHANGES, *CHANGES_NOTHING])
def test_the_field_has_another_value_and_a_valid_one(name: str) -> None:
    change = {**CHANGES, **CHANGES_NOTHING}[name]

    assert name.partition(".")[2] in change.place.split("/")
    assert change.after != change.before
    assert crosschecks.check(change.before) == []
    assert crosschecks.check(change.after) == []


@pytest.mark.parametrize("system", sorted(FILES))
def test_the_same_values_give_the_same_templates(system: str) -> None:
    assert render(written(system, {})) == rendered(system).files


@pytest.mark.parametrize("name", CHANGES)
def test_another_value_of_the_field_gives_other_templates(name: str) -> None:
    change = CHANGES[name]

    assert change.rendered.files != change.files


@pytest.mark.parametrize("name", CHANGES_NOTHING)
def test_another_value_of_the_field_is_on_purpose_without_effect(name: str) -> None:
    change = CHANGES_NOTHING[name]

    assert change.rendered.files == change.files
