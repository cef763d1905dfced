"""Phases: what is deployed before an image is known, and what waits for it."""

import pytest

from checks.rendering import STACK, Rendering
from templates.names import pascal
from templates.render import render
from tests.flat import flat, outputs
from tests.systems_under_test import REFERENCES, SYSTEMS, described, rendered

RUNS_THE_IMAGE = {
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
}
WAITS_FOR_OTHERS = {"AWS::SNS::Subscription"}


@pytest.fixture(params=SYSTEMS)
def rendering(request: pytest.FixtureRequest) -> Rendering:
    return rendered(request.param)


def test_without_an_image_there_are_no_services(rendering: Rendering) -> None:
    parent = rendering.templates["parent.json"]
    digests = [name for name in parent["Parameters"] if name.endswith("ImageDigest")]

    assert len(digests) == len(described(rendering.system).services)
    assert {parent["Parameters"][name]["Default"] for name in digests} == {""}
    assert parent["Resources"]["Services"]["Condition"] == "AnImageIsKnown"
    assert parent["Conditions"]["AnImageIsKnown"] == {
        "Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", [{"Ref": d} for d in digests]]}, ""]}]
    }


def test_the_first_phase_does_not_wait_for_the_second(rendering: Rendering) -> None:
    resources = rendering.templates["parent.json"]["Resources"]
    unconditional = {name for name, one in resources.items() if "Condition" not in one}

    assert unconditional == set(resources) - {"Services"}
    assert {"Network"} <= unconditional


def test_what_runs_an_image_waits_for_that_image(rendering: Rendering) -> None:
    resources = flat(rendering.system)
    waiting = {a: r for a, r in resources.items() if r["Type"] in RUNS_THE_IMAGE}
    others = {
        a: r
        for a, r in resources.items()
        if r["Type"] not in RUNS_THE_IMAGE | WAITS_FOR_OTHERS and r.get("DependsOn") != "Service"
    }

    assert len(waiting) >= 3 * len(described(rendering.system).services)
    assert {resource["Condition"] for resource in waiting.values()} == {"ImageIsKnown"}
    assert {resource.get("Condition") for resource in others.values()} == {None}


def test_a_service_waits_for_its_own_image_only(rendering: Rendering) -> None:
    for name in described(rendering.system).services:
        template = rendering.templates[f"service-{name}.json"]
        assert template["Conditions"] == {
            "ImageIsKnown": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ImageDigest"}, ""]}]}
        }
        passed = rendering.templates["services.json"]["Resources"][pascal(name)]
        assert passed["Properties"]["Parameters"]["ImageDigest"] == {
            "Ref": f"{pascal(name)}ImageDigest"
        }


@pytest.mark.parametrize("system", REFERENCES)
def test_outputs_of_services_exist_once_there_are_services(system: str) -> None:
    found = rendered(system).templates["parent.json"]["Outputs"]
    conditional = {name for name, one in found.items() if "Condition" in one}

    assert conditional == {
        "EcsClusterName",
        "AlbDnsName",
        "ServiceDiscoveryNamespace",
        *(f"{pascal(name)}ServiceName" for name in described(system).services),
    }


@pytest.mark.parametrize("system", REFERENCES)
def test_people_find_what_the_text_promises_among_the_outputs(system: str) -> None:
    found = outputs(rendered(system))

    assert found["VpcId"] == "Network/Vpc"
    assert found["EcsClusterName"] == "Services/Cluster"
    assert found["AlbDnsName"] == "Services/LoadBalancer.DNSName"
    assert found["ServiceDiscoveryNamespace"] == "payment.local"
    for name in described(system).services:
        assert found[f"{pascal(name)}ServiceName"]["Fn::If"][1] == (
            f"Services/{pascal(name)}/Service.Name"
        )


def test_a_digest_is_a_digest() -> None:
    for rendering in map(rendered, SYSTEMS):
        for name, parameter in rendering.templates["parent.json"]["Parameters"].items():
            if name.endswith("ImageDigest"):
                assert parameter["AllowedPattern"] == "^(sha256:[0-9a-f]{64})?$"


def test_a_change_to_one_service_changes_its_template_only() -> None:
    system = described("gateway")
    spec = system.services["fraud-detector"].model_copy(update={"memory": 4096})
    changed = system.model_copy(update={"services": {**system.services, "fraud-detector": spec}})
    before, after = rendered("gateway").files, render(changed)

    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {
        "service-fraud-detector.json"
    }


def test_tags_of_the_description_reach_every_stack() -> None:
    stacks = {
        name: resource
        for name, resource in rendered("payments").templates["parent.json"]["Resources"].items()
        if resource["Type"] == STACK
    }

    assert set(stacks) == {"Network", "Security", "Monitoring", "Services"}
    for name, resource in stacks.items():
        tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
        assert tags == {"Team": "payments", "CostCenter": "engineering"}, name
