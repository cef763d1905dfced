"""Creation at the pace of AWS: by dependency, with time for each type. Only orders are compared."""

from typing import Any

import pytest

from localaws.pace import Overhead, paced
from tests.localaws.stacks import Stacks, Template, child, output, template

BEAT = 0.15


def seconds(kind: str) -> tuple[float, float]:
    """A cluster is ready after a beat and complete after three; all else takes one."""
    return (BEAT, 3 * BEAT) if kind == "AWS::ECS::Cluster" else (BEAT, BEAT)


def cluster(name: str = "cluster") -> dict[str, Any]:
    return {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": name}}


def topic(name: Any = "topic", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}, **more}


def told(stacks: Stacks, name: str = "root") -> list[tuple[str, str]]:
    """Return what happened to the resources of a stack, in order."""
    return [
        (event["LogicalResourceId"], event["ResourceStatus"].removeprefix("CREATE_"))
        for event in stacks.events(name)
        if event["PhysicalResourceId"] != event["StackId"]
        and event["ResourceStatus"].startswith("CREATE_")
        and not event.get("ResourceStatusReason")
    ]


def order(events: list[tuple[str, str]], *wanted: tuple[str, str]) -> list[int]:
    return [events.index(one) for one in wanted]


def test_all_that_waits_for_nothing_begins_before_anything_is_complete(stacks: Stacks) -> None:
    with paced(seconds):
        stacks.create(template({"A": cluster("a"), "B": cluster("b"), "C": topic()}))
    events = told(stacks)
    assert sorted(events[:3]) == [(name, "IN_PROGRESS") for name in "ABC"]
    assert sorted(events[3:]) == [(name, "COMPLETE") for name in "ABC"]
    assert events[3] == ("C", "COMPLETE")


def test_a_reference_waits_for_what_is_ready_and_depends_on_for_what_is_complete(
    stacks: Stacks,
) -> None:
    body = template({"A": cluster(), "B": topic({"Ref": "A"}), "C": topic("c", DependsOn="A")})
    with paced(seconds):
        stacks.create(body)
    events = told(stacks)
    assert order(
        events,
        ("A", "IN_PROGRESS"),
        ("B", "IN_PROGRESS"),
        ("B", "COMPLETE"),
        ("A", "COMPLETE"),
        ("C", "IN_PROGRESS"),
        ("C", "COMPLETE"),
    ) == list(range(6))


def nest(stacks: Stacks) -> Template:
    first = template({"A": cluster()}, Outputs={"Name": output({"Ref": "A"})})
    second = template({"B": topic({"Ref": "Name"})}, Parameters={"Name": {"Type": "String"}})
    name = {"Fn::GetAtt": ["First", "Outputs.Name"]}
    return template(
        {
            "First": child(stacks.publish("first.json", first)),
            "Second": child(stacks.publish("second.json", second), {"Name": name}),
            "Third": child(stacks.publish("third.json", template({"C": cluster("other")}))),
        }
    )


def test_nested_stacks_work_side_by_side_and_outputs_wait_for_all_of_one(stacks: Stacks) -> None:
    with paced(seconds):
        root = stacks.create(nest(stacks))
    assert root["StackStatus"] == "CREATE_COMPLETE"
    events = told(stacks)
    assert sorted(events[:2]) == [("First", "IN_PROGRESS"), ("Third", "IN_PROGRESS")]
    first, second = order(events, ("First", "COMPLETE"), ("Second", "IN_PROGRESS"))
    assert first < second
    assert stacks.physical_id("Second/B").endswith(":cluster")


@pytest.mark.parametrize(
    "overhead",
    [
        Overhead(4 * BEAT, 0, lambda _took: 0),
        Overhead(0, 4 * BEAT, lambda _took: 0),
        Overhead(0, 0, lambda took: 4 * BEAT if took >= BEAT else 0),
        None,
    ],
    ids=["opening", "closing", "late", "none"],
)
def test_a_nested_stack_takes_its_overhead_too(stacks: Stacks, overhead: Overhead | None) -> None:
    nested = child(stacks.publish("nested.json", template({"B": topic()})))
    with paced(seconds, *([overhead] if overhead else [])):
        stacks.create(template({"A": cluster(), "Nested": nested}))
    first, last = ("A", "Nested") if overhead else ("Nested", "A")
    assert [name for name, what in told(stacks) if what == "COMPLETE"] == [first, last]


def test_every_resource_is_made_and_told_of_once(stacks: Stacks) -> None:
    with paced(seconds):
        stacks.create(nest(stacks))
    for name in ("root", *(stacks.physical_id(one) for one in ("First", "Second", "Third"))):
        events = told(stacks, name)
        assert len(events) == len(set(events)) > 1
    assert len(stacks.session.client("ecs").list_clusters()["clusterArns"]) == 2


def test_what_fails_fails_the_stack_which_takes_back_what_was_made(stacks: Stacks) -> None:
    route = {"DestinationCidrBlock": "0.0.0.0/0", "RouteTableId": "rtb-1", "InstanceId": "i"}
    body = template(
        {
            "A": cluster(),
            "Route": {"Type": "AWS::EC2::Route", "Properties": route, "DependsOn": "A"},
        }
    )
    with paced(seconds):
        assert stacks.create(body)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Route" in stacks.failures()
    assert stacks.session.client("ecs").list_clusters()["clusterArns"] == []


@pytest.mark.parametrize("before", [True, False])
def test_without_a_pace_the_engine_works_on_one_resource_after_another(
    stacks: Stacks, *, before: bool
) -> None:
    if before:
        with paced(seconds):
            pass
    stacks.create(template({"A": cluster(), "B": topic()}))
    assert told(stacks) == [
        ("A", "IN_PROGRESS"),
        ("A", "COMPLETE"),
        ("B", "IN_PROGRESS"),
        ("B", "COMPLETE"),
    ]
