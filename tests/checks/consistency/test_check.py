import copy
import re

import pytest

from checks import consistency
from checks.consistency import kinds
from checks.findings import Finding
from checks.rendering import Node, Rendering
from checks.resolved import samples
from checks.schemas import schema
from checks.walk import nodes
from tests.checks.consistency.defects import Defect, planted
from tests.checks.consistency.defects_of_presence import OUTPUTS, PRESENCE
from tests.checks.consistency.defects_of_services import OF_SERVICES
from tests.checks.consistency.defects_of_surroundings import SURROUNDINGS
from tests.checks.consistency.defects_of_watching import WATCHING
from tests.checks.templates import rendering
from tests.systems_under_test import SYSTEMS, described, rendered

DEFECTS = [*PRESENCE, *OF_SERVICES, *SURROUNDINGS, *WATCHING]


def found_in(system: str, it: Rendering) -> list[Finding]:
    given = described(system), samples(it)
    return consistency.check(it, *given) + consistency.check_without_images(it, *given)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: f"{one.rule} {one.message[:40]}")
def test_sees_what_does_not_agree(defect: Defect) -> None:
    spoilt = rendering(planted(rendered(defect.system).templates, defect), defect.system)
    found = found_in(defect.system, spoilt)

    assert any(
        one.rule == defect.rule and one.file == defect.file and defect.message in one.message
        for one in found
    ), found


@pytest.mark.parametrize(("name", "value", "message"), OUTPUTS)
def test_sees_outputs_that_give_something_else(name: str, value: Node, message: str) -> None:
    templates = copy.deepcopy(rendered("gateway").templates)
    templates["parent.json"]["Outputs"][name]["Value"] = value
    found = found_in("gateway", rendering(templates, "gateway"))

    assert {one.file for one in found} == {"gateway/parent.json"}
    (wrong,) = [one for one in found if one.rule == "E9781"]
    assert message in wrong.message


def test_sees_an_output_of_something_that_is_not_there() -> None:
    templates = copy.deepcopy(rendered("payments").templates)
    templates["parent.json"]["Outputs"]["RegistryUri"] = {"Value": "somewhere"}
    found = found_in("payments", rendering(templates, "payments"))

    assert [one.message for one in found] == [
        "the output RegistryUri is for something that is not there"
    ]


def test_sees_a_service_that_ignores_its_image() -> None:
    templates = copy.deepcopy(rendered("gateway").templates)
    condition = templates["parent.json"]["Conditions"]["ApiGatewayImageIsKnown"]
    condition["Fn::Not"][0]["Fn::Equals"][1] = f"sha256:{'0' * 64}"
    found = found_in("gateway", rendering(templates, "gateway"))

    assert "has no ECS service for api-gateway, whose image is known" in {
        one.message for one in found if one.rule == "E9705"
    }


@pytest.mark.parametrize("system", SYSTEMS)
def test_sees_nothing_in_systems_of_ours(system: str) -> None:
    assert found_in(system, rendered(system)) == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_sees_nothing_whatever_the_parameters(system: str) -> None:
    it = rendered(system)
    zones = range(1, described(system).network.zones + 1)
    given = {
        "AlarmEmail": "payments@example.org",
        "AvailabilityZoneIds": ",".join(f"use1-az{zone}" for zone in zones),
        "DeletionProtection": "false",
        "EnvironmentSuffix": "prod-eu",
        "LogRetentionDays": "731",
        "RegistryAccountId": "222233334444",
    }
    declared = it.templates["parent.json"]["Parameters"]
    parameters = samples(it) | {name: given[name] for name in given.keys() & declared.keys()}

    assert consistency.check(it, described(system), parameters) == []
    assert consistency.check_without_images(it, described(system), parameters) == []


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("security.json", "AlarmTopic/Properties/Tags"),
        ("service-api-gateway.json", "ErrorsAlarm/Properties/Dimensions"),
        ("service-api-gateway.json", "TaskDefinition/Properties/ContainerDefinitions"),
        ("services.json", "Cluster/Properties/Tags"),
        ("services.json", "Cluster/Properties/Tags/0"),
        ("web-acl.json", "WebAcl/Properties/Rules/0"),
    ],
)
@pytest.mark.parametrize("odd", [None, "x", [], {}, [{"Key": []}], 7])
def test_is_not_confused_by_properties_of_another_shape(file: str, path: str, odd: object) -> None:
    templates = planted(
        rendered("gateway").templates,
        Defect("", "", "", ((file.removesuffix(".json"), path, odd),)),
    )

    assert found_in("gateway", rendering(templates, "gateway")) != []


def test_a_system_in_which_there_is_nothing_to_look_at_is_not_right() -> None:
    templates = copy.deepcopy(rendered("gateway").templates)
    parent = templates["parent.json"]
    for name in [
        one for one in parent["Resources"] if one.startswith("Services") or one.endswith("Service")
    ]:
        del parent["Resources"][name]
    parent["Outputs"] = {}
    found = {one.rule for one in found_in("gateway", rendering(templates, "gateway"))}

    assert {"E9701", "E9702", "E9705"} <= found


def test_every_rule_has_an_example_and_a_reason_of_one_sentence() -> None:
    examples = {defect.rule for defect in DEFECTS} | {"E9781"}

    assert examples == consistency.REASONS.keys()
    assert len({rule.id for rule in consistency.RULES}) == len(consistency.RULES)
    for rule, reason in consistency.REASONS.items():
        assert re.fullmatch(r"(Refuse|Require) [^.]+(\.\d[^.]*)*\.", reason), rule


def formats(resource_type: str) -> dict[str, set[str]]:
    """Property to the types that cfn-lint's schema says its value identifies."""
    found: dict[str, set[str]] = {}
    described = schema(resource_type)

    def walk(node: Node, path: str, seen: tuple[str, ...]) -> None:
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if name not in seen:
                walk(described["definitions"][name], path, (*seen, name))
        kind, dot, identity = str(node.get("format", "")).rpartition(".")
        if dot and kind.startswith("AWS::") and not identity.endswith("Ids"):
            found.setdefault(path, set()).add(kind)
        for name, inner in node.get("properties", {}).items():
            walk(inner, f"{path}/{name}" if path else name, seen)
        if isinstance(node.get("items"), dict):
            walk(node["items"], f"{path}/*", seen)
        for choice in ("anyOf", "oneOf", "allOf"):
            for inner in node.get(choice, []):
                walk(inner, path, seen)

    walk(described, "", ())
    return found


def test_knows_the_kind_of_each_property_whose_kind_cfn_lint_knows() -> None:
    """Names and own ids apart, for what our templates have."""
    seen = 0
    for name in SYSTEMS:
        for template in rendered(name).templates.values():
            for resource in template["Resources"].values():
                kind, properties = resource["Type"], resource.get("Properties", {})
                known = formats(kind) if kind != "AWS::CloudFormation::Stack" else {}
                for path, _ in nodes(properties):
                    place = "/".join("*" if isinstance(step, int) else step for step in path)
                    types = known.get(place, set()) - {kind}
                    if types:
                        seen += 1
                        assert kinds.EXPECTED[kind][place].type in types, (kind, place)
    assert seen > 100
