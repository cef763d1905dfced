"""Phases: what is deployed before an image is known, and what waits for it."""

import pytest

from checks.rendering import STACK, Rendering
from checks.walk import Order
from templates.names import pascal, stack_of
from templates.render import render
from tests.resolved import deployed, outputs
from tests.systems_under_test import REFERENCES, SYSTEMS, described, rendered

RUNS_THE_IMAGE = {
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
}


@pytest.fixture(params=SYSTEMS)
def rendering(request: pytest.FixtureRequest) -> Rendering:
    return rendered(request.param)


def test_without_an_image_there_are_no_services(rendering: Rendering) -> None:
    parent = rendering.templates["parent.json"]
    digests = [name for name in parent["Parameters"] if name.endswith("ImageDigest")]

    assert len(digests) == len(described(rendering.system).services)
    assert {parent["Parameters"][name]["Default"] for name in digests} == {""}
    for name in described(rendering.system).services:
        assert parent["Resources"][stack_of(name)]["Condition"] == f"{pascal(name)}ImageIsKnown"


def test_the_first_phase_does_not_wait_for_the_second(rendering: Rendering) -> None:
    resources = rendering.templates["parent.json"]["Resources"]
    services = {stack_of(name) for name in described(rendering.system).services}
    order = Order(rendering.templates["parent.json"])

    assert {name for name, one in resources.items() if "Condition" in one} == services
    for name in resources.keys() - services:
        assert order.before(name).isdisjoint(services)


def test_what_runs_an_image_is_in_the_stack_that_waits_for_it(rendering: Rendering) -> None:
    resources = deployed(rendering.system)
    services = {stack_of(name) for name in described(rendering.system).services}
    waiting = [a for a, r in resources.items() if r["Type"] in RUNS_THE_IMAGE]

    assert len(waiting) >= 3 * len(services)
    assert {address.partition("/")[0] for address in waiting} == services


def test_a_service_waits_for_its_own_image_only(rendering: Rendering) -> None:
    parent = rendering.templates["parent.json"]
    for name in described(rendering.system).services:
        digest = {"Ref": f"{pascal(name)}ImageDigest"}
        assert parent["Conditions"][f"{pascal(name)}ImageIsKnown"] == {
            "Fn::Not": [{"Fn::Equals": [digest, ""]}]
        }
        given = parent["Resources"][stack_of(name)]["Properties"]["Parameters"]
        assert given["ImageDigest"] == digest


@pytest.mark.parametrize("system", REFERENCES)
def test_outputs_of_services_exist_once_there_are_services(system: str) -> None:
    found = rendered(system).templates["parent.json"]["Outputs"]
    conditional = {name for name, one in found.items() if "Condition" in one}

    assert conditional == {f"{pascal(name)}ServiceName" for name in described(system).services}


@pytest.mark.parametrize("system", REFERENCES)
def test_people_find_what_the_text_promises_among_the_outputs(system: str) -> None:
    found = outputs(rendered(system))

    assert found["VpcId"] == "Vpc"
    assert found["EcsClusterName"] == "Services/Cluster"
    assert found["AlbDnsName"] == "LoadBalancer.DNSName"
    assert found["ServiceDiscoveryNamespace"] == "payment.local"
    for name in described(system).services:
        assert found[f"{pascal(name)}ServiceName"] == f"{stack_of(name)}/Service.Name"


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

    assert {"Network", "Security", "Services", "PaymentApiService"} <= set(stacks)
    for name, resource in stacks.items():
        tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
        assert tags == {"Team": "payments", "CostCenter": "engineering"}, name
