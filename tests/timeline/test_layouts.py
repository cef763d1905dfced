"""The layouts of stacks that ours is compared with, made of the same resources."""

import pytest

from checks.rendering import STACK
from tests.systems_under_test import REFERENCES
from tests.timeline.estimates import estimated, typical
from tests.timeline.layouts import resource, times
from timeline.durations import CASES, Case, durations
from timeline.plain import ORDER, plain
from timeline.reality import flat
from timeline.regroup import regroup
from timeline.schedule import simulate


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("case", CASES)
def test_our_own_layout_regrouped_takes_as_long_as_our_templates(name: str, case: Case) -> None:
    timeline = estimated(name).of(case)
    steps = flat(timeline.system)
    home = {address: address.rpartition("/")[0] for address in steps}
    again = simulate(regroup(steps, home), durations(), case)
    assert again.makespan == pytest.approx(timeline.at_once.schedule.makespan)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_straightforward_partition_has_the_same_resources(name: str) -> None:
    steps = flat(typical(name).system)
    root = plain(steps)
    inside = [step for step in root.family() if not step.is_stack]
    assert sorted(step.type for step in inside) == sorted(step.type for step in steps.values())
    assert {one.address for one in root.steps} <= set(ORDER)


def test_the_straightforward_partition_puts_types_where_most_libraries_do() -> None:
    root = plain(flat(typical("gateway").system))
    home: dict[str, set[str]] = {}
    for step in root.family():
        if not step.is_stack:
            home.setdefault(step.type, set()).add(step.address.partition("/")[0])
    assert home["AWS::EC2::NatGateway"] == {"Network"}
    assert home["AWS::EC2::VPCEndpoint"] == {"Network"}
    assert home["AWS::SecretsManager::Secret"] == {"Security"}
    assert home["AWS::ECR::Repository"] == {"Registry"}
    for kind in ("LoadBalancer", "Listener", "ListenerRule", "TargetGroup"):
        assert home[f"AWS::ElasticLoadBalancingV2::{kind}"] == {"Services"}
    assert home["AWS::ECS::Service"] == {"Services"}
    assert home["AWS::IAM::Role"] == {"Services"}


@pytest.mark.parametrize("name", REFERENCES)
def test_the_stacks_of_the_straightforward_partition_wait_for_those_that_they_refer_to(
    name: str,
) -> None:
    root = plain(flat(typical(name).system))
    waits = {stack.address: stack.after for stack in root.steps}
    assert waits["Services"] == {"Network", "Security"}
    assert not any(waits[one] for one in waits.keys() - {"Services", "Registry"})
    bars = typical(name).at_once.plain.bars
    assert bars["Services"].start == max(bars["Network"].end, bars["Security"].end)


def test_a_stack_waits_for_the_stacks_of_what_its_resources_refer_to() -> None:
    steps = {
        one.address: one
        for one in (
            resource("Vpc", "Fast"),
            resource("Nat", "Slow", "Vpc"),
            resource("Group", "Fast", "Vpc"),
        )
    }
    root = regroup(steps, {"Vpc": "Net", "Nat": "Net", "Group": "App/Inner"})
    stacks = {step.address: step for step in root.family() if step.type == STACK}
    assert stacks["App"].after == {"Net"}
    assert not stacks["App/Inner"].after
    schedule = simulate(root, times(Fast=3, Slow=10), "typical")
    assert schedule.bars["App/Inner/Group"].start == schedule.bars["Net"].end + 2


def test_no_layout_is_shorter_than_the_longest_chain_of_needs() -> None:
    for name in REFERENCES:
        for case in CASES:
            timeline = estimated(name).of(case)
            for growth in (timeline.at_once, timeline.without_images, timeline.joining):
                assert growth.bound.makespan < growth.schedule.makespan
                assert growth.bound.makespan < growth.plain.makespan
