"""What deployments do, and how ours compare."""

import re

import pytest

from tests.systems_under_test import REFERENCES, SYSTEMS
from tests.timeline.estimates import estimated, typical
from timeline import scenarios
from timeline.durations import CASES
from timeline.scenarios import REPOSITORY, SERVICE, TASK, Deployment
from timeline.steps import Action
from timeline.text import lines


def changed(deployment: Deployment) -> dict[str, Action]:
    """Return what happens to which resource."""
    return {
        step.address: step.action
        for step in deployment.root.family()
        if step.changes and not step.is_stack
    }


@pytest.mark.parametrize("name", REFERENCES)
def test_a_new_image_replaces_a_task_definition_and_updates_its_service(name: str) -> None:
    timeline = typical(name)
    actions = changed(timeline.new_image)
    kinds = {timeline.system.resources[address].type: one for address, one in actions.items()}
    assert kinds == {
        "AWS::ECS::TaskDefinition": Action.REPLACE,
        "AWS::ECS::Service": Action.UPDATE,
    }
    assert len(actions) == 2
    (service,) = (a for a, action in actions.items() if action is Action.UPDATE)
    about = timeline.system.resources[service].properties
    assert about["LoadBalancers"]
    assert timeline.new_image.title == f"new image of {about['ServiceName']}"


@pytest.mark.parametrize("name", REFERENCES)
def test_a_new_image_takes_little_more_than_the_service_itself(name: str) -> None:
    schedule = typical(name).new_image.schedule
    (service,) = (b for b in schedule.critical_path() if b.step.type == "AWS::ECS::Service")
    assert schedule.makespan < 1.25 * service.seconds


@pytest.mark.parametrize("name", REFERENCES)
def test_a_change_of_all_services_replaces_every_task_definition_and_updates_every_service(
    name: str,
) -> None:
    timeline = typical(name)
    actions = changed(timeline.of_all_services)
    for kind, action in ((TASK, Action.REPLACE), (SERVICE, Action.UPDATE)):
        found = [one.address for one in timeline.system.of_type(kind)]
        assert len(found) == 3
        assert {actions.pop(address) for address in found} == {action}
    assert not actions


def test_images_come_after_the_repositories_that_hold_them() -> None:
    gateway, payments = typical("gateway"), typical("payments")
    assert gateway.system.of_type(REPOSITORY)
    assert not payments.system.of_type(REPOSITORY)
    assert gateway.growing == [gateway.without_images, gateway.joining]
    assert payments.growing == [payments.at_once]


@pytest.mark.parametrize("name", REFERENCES)
def test_without_images_there_is_no_service_and_then_services_join_and_nothing_else_changes(
    name: str,
) -> None:
    timeline = typical(name)
    before, joining = changed(timeline.without_images), changed(timeline.joining)
    assert before.keys() | joining.keys() == changed(timeline.at_once).keys()
    assert not before.keys() & joining.keys()
    stacks = {address.partition("/")[0] for address in joining}
    assert len(stacks) == 3
    assert all(one.endswith("Service") for one in stacks)
    for address, there in timeline.ground.resources.items():
        assert timeline.system.resources[address].properties == there.properties


def test_what_is_too_much_for_one_operation_is_not_simulated_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    payments = typical("payments")
    resources = payments.at_once.resources
    stacks = sum(step.is_stack for step in payments.at_once.root.family()) - 1
    assert resources == len(payments.system.resources) + stacks
    assert payments.at_once.operations == 1
    monkeypatch.setattr(scenarios, "NEST_RESOURCES", resources - 1)
    assert payments.at_once.operations == 2
    assert payments.first is payments.without_images
    monkeypatch.setattr(scenarios, "NEST_RESOURCES", 30)
    text = "\n".join(lines(estimated("payments")))
    touched = payments.joining.resources
    assert re.search(
        rf"services join.* not simulated: {touched} resources, which are deployed in 2 operations",
        text,
    )
    assert f"{payments.joining.title}: " not in text


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_has_a_timeline(name: str) -> None:
    low, middle, high = (
        [one.schedule.makespan for one in estimated(name).of(case).deployments] for case in CASES
    )
    assert len(middle) == len(estimated(name).of("typical").growing) + 2
    for one, two, three in zip(low, middle, high, strict=True):
        assert 0 < one < two < three
