"""What deployments do, and how ours compare."""

import pytest

from tests.systems_under_test import REFERENCES, SYSTEMS
from tests.timeline.estimates import estimated, typical
from timeline.durations import CASES
from timeline.scenarios import Deployment
from timeline.steps import Action


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
def test_another_retention_of_logs_changes_a_resource_of_every_service_in_place(name: str) -> None:
    timeline = typical(name)
    actions = changed(timeline.of_all_services)
    groups = {one.address for one in timeline.system.of_type("AWS::Logs::LogGroup")}
    assert groups <= actions.keys()
    assert set(actions.values()) == {Action.UPDATE}
    services = timeline.system.of_type("AWS::ECS::Service")
    assert timeline.of_all_services.schedule.makespan < 60 * len(services)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_has_a_timeline(name: str) -> None:
    low, middle, high = (
        [one.schedule.makespan for one in estimated(name).of(case).deployments] for case in CASES
    )
    assert len(middle) == 3
    for one, two, three in zip(low, middle, high, strict=True):
        assert 0 < one < two < three
