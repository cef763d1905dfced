"""Two listeners on a port, two rules at a priority, two load balancers for a target group."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.localaws.readback import ref
from tests.localaws.refusals import code_of, refuses_update, renamed
from tests.localaws.stacks import Stacks, template
from tests.localaws.test_load_balancing_types import (
    BALANCER,
    FORBIDDEN,
    LISTENER,
    PREFIX,
    SUBNETS,
    TARGETS,
    TO_BLUE,
    VPC,
)

AROUND: dict[str, Any] = {**VPC, **BALANCER, **TARGETS}
PORT_TAKEN = "A listener already exists on this port for this load balancer"
CONDITION = {"Field": "path-pattern", "Values": ["/v1/*"]}


def listener(port: int, balancer: str = "Balancer", **changed: Any) -> dict[str, Any]:
    properties = {
        "LoadBalancerArn": ref(balancer),
        "Port": port,
        "Protocol": "HTTP",
        "DefaultActions": [FORBIDDEN],
        **changed,
    }
    return {"Type": f"{PREFIX}Listener", "Properties": properties}


def rule(priority: int, listener: str = "Listener", **changed: Any) -> dict[str, Any]:
    properties = {
        "ListenerArn": ref(listener),
        "Priority": priority,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*"]}}],
        "Actions": [FORBIDDEN],
        **changed,
    }
    return {"Type": f"{PREFIX}ListenerRule", "Properties": properties}


def test_a_second_listener_on_a_port_is_refused(stacks: Stacks) -> None:
    second = {**listener(80), "DependsOn": "Listener"}
    created = stacks.create(template({**AROUND, **LISTENER, "Second": second}))
    assert created["StackStatus"] == "ROLLBACK_COMPLETE"
    assert PORT_TAKEN in stacks.failures()["Second"]
    assert "DuplicateListener" in stacks.failures()["Second"]


def test_a_listener_can_not_change_its_logical_id_on_its_port(stacks: Stacks) -> None:
    before = {**AROUND, **LISTENER}
    failures = refuses_update(stacks, before, renamed(before, "Listener", "HttpListener"))
    assert PORT_TAKEN in failures["HttpListener"]


def test_a_listener_can_not_move_to_a_port_that_is_taken(stacks: Stacks) -> None:
    before = {**AROUND, "First": listener(80), "Second": listener(81)}
    failures = refuses_update(stacks, before, {**before, "Second": listener(80)})
    assert PORT_TAKEN in failures["Second"]


def test_two_load_balancers_can_listen_on_one_port(stacks: Stacks) -> None:
    others = {"Other": BALANCER["Balancer"], "OtherListener": listener(80, "Other")}
    created = stacks.create(template({**AROUND, **LISTENER, **others}))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()


def test_a_second_rule_at_a_priority_is_refused(stacks: Stacks) -> None:
    rules = {"First": rule(10), "Second": {**rule(10), "DependsOn": "First"}}
    created = stacks.create(template({**AROUND, **LISTENER, **rules}))
    assert created["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.failures()["Second"] == "Priority '10' is currently in use (PriorityInUse)"


def test_a_rule_can_not_change_its_logical_id_at_its_priority(stacks: Stacks) -> None:
    before = {**AROUND, **LISTENER, "First": rule(10)}
    failures = refuses_update(stacks, before, renamed(before, "First", "Second"))
    assert "PriorityInUse" in failures["Second"]


def test_two_rules_can_not_swap_priorities_in_an_update(stacks: Stacks) -> None:
    before = {**AROUND, **LISTENER, "First": rule(10), "Second": rule(20)}
    failures = refuses_update(stacks, before, {**before, "First": rule(20), "Second": rule(10)})
    assert any("PriorityInUse" in reason for reason in failures.values())


def test_two_listeners_can_have_rules_of_one_priority(stacks: Stacks) -> None:
    others = {"Other": listener(81), "First": rule(10), "Second": rule(10, "Other")}
    created = stacks.create(template({**AROUND, **LISTENER, **others}))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()


def test_a_load_balancer_can_not_take_its_target_groups_to_its_replacement(stacks: Stacks) -> None:
    forwarding = listener(80, DefaultActions=[TO_BLUE])
    before = {**AROUND, "Listener": forwarding}
    named = {**BALANCER["Balancer"]["Properties"], "Name": "other"}  # type: ignore[dict-item]
    balancer = {"Type": f"{PREFIX}LoadBalancer", "Properties": named}
    failures = refuses_update(stacks, before, {**before, "Balancer": balancer})
    assert "TargetGroupAssociationLimit" in failures["Listener"]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"Subnets": [ref("SubnetA"), "subnet-1"]}, "SubnetNotFound"),
        ({"Subnets": SUBNETS, "SecurityGroups": ["sg-1"]}, "InvalidSecurityGroup"),
        ({"Subnets": [ref("SubnetA")]}, "At least two subnets in two different"),
        ({"Subnets": [ref("SubnetA"), ref("SubnetA")]}, "multiple subnets in the same"),
        ({"Subnets": SUBNETS, "Scheme": "internet-facing"}, "has no internet gateway"),
    ],
)
def test_a_load_balancer_without_its_network_is_refused(
    stacks: Stacks, properties: dict[str, Any], code: str
) -> None:
    balancer = {"Type": f"{PREFIX}LoadBalancer", "Properties": properties}
    stacks.create(template({**VPC, "Balancer": balancer}))
    assert code in stacks.failures()["Balancer"]

    stacks.create(template({**VPC, **BALANCER}), "second")
    before = stacks.physical_id("Balancer", "second")
    updated = stacks.update(template({**VPC, "Balancer": balancer}), "second")
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert code in stacks.failures("second")["Balancer"]
    assert stacks.physical_id("Balancer", "second") == before


@dataclass
class Balanced:
    """A load balancer that the API made: a listener on port 80 with rules at 10 and 20."""

    elb: Any
    balancer: str
    group: str
    listener: str
    rules: list[str]
    subnets: list[str]


@pytest.fixture
def balanced(stacks: Stacks) -> Balanced:
    elb = stacks.session.client("elbv2")
    place: dict[str, Any] = {"Scheme": "internal", "Subnets": stacks.two_subnets()}
    made = elb.create_load_balancer(Name="private", **place)["LoadBalancers"][0]
    balancer = made["LoadBalancerArn"]
    group = elb.create_target_group(Name="api")["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    listener = elb.create_listener(LoadBalancerArn=balancer, Port=80, DefaultActions=forward)
    arn = listener["Listeners"][0]["ListenerArn"]
    rules = [
        elb.create_rule(
            ListenerArn=arn, Priority=priority, Conditions=[CONDITION], Actions=[FORBIDDEN]
        )["Rules"][0]["RuleArn"]
        for priority in (10, 20)
    ]
    return Balanced(elb, balancer, group, arn, rules, place["Subnets"])


def test_the_api_refuses_a_second_listener_on_a_port(balanced: Balanced) -> None:
    elb, wanted = balanced.elb, {"DefaultActions": [FORBIDDEN], "Protocol": "HTTP"}
    create = elb.create_listener
    code = code_of(create, LoadBalancerArn=balanced.balancer, Port=80, **wanted)
    assert code == "DuplicateListener"
    other = create(LoadBalancerArn=balanced.balancer, Port=81, **wanted)["Listeners"][0]
    modify = elb.modify_listener
    assert code_of(modify, ListenerArn=other["ListenerArn"], Port=80) == "DuplicateListener"
    modify(ListenerArn=balanced.listener, Port=80)


def test_the_api_refuses_a_second_rule_at_a_priority(balanced: Balanced) -> None:
    wanted = {"Conditions": [CONDITION], "Actions": [FORBIDDEN]}
    create = balanced.elb.create_rule
    code = code_of(create, ListenerArn=balanced.listener, Priority=10, **wanted)
    assert code == "PriorityInUse"


def test_the_api_sets_priorities_together_if_they_differ_afterwards(balanced: Balanced) -> None:
    set_priorities = balanced.elb.set_rule_priorities
    first, second = ({"RuleArn": arn} for arn in balanced.rules)
    taken: list[dict[str, Any]] = [{**first, "Priority": 20}]
    assert code_of(set_priorities, RulePriorities=taken) == "PriorityInUse"
    set_priorities(RulePriorities=[*taken, {**second, "Priority": 10}])
    found = balanced.elb.describe_rules(RuleArns=balanced.rules)["Rules"]
    assert {rule["RuleArn"]: rule["Priority"] for rule in found} == dict(
        zip(balanced.rules, ("20", "10"), strict=True)
    )


def test_the_api_keeps_a_target_group_at_its_load_balancer(balanced: Balanced) -> None:
    elb = balanced.elb
    place: dict[str, Any] = {"Scheme": "internal", "Subnets": balanced.subnets}
    made = elb.create_load_balancer(Name="other", **place)["LoadBalancers"][0]
    other = made["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": balanced.group}]
    limit = "TargetGroupAssociationLimit"
    create = elb.create_listener
    code = code_of(create, LoadBalancerArn=other, Port=80, DefaultActions=forward)
    assert code == limit
    created = create(LoadBalancerArn=other, Port=80, DefaultActions=[FORBIDDEN])
    arn = created["Listeners"][0]["ListenerArn"]
    assert code_of(elb.modify_listener, ListenerArn=arn, DefaultActions=forward) == limit
    wanted = {"ListenerArn": arn, "Priority": 1, "Conditions": [CONDITION]}
    assert code_of(elb.create_rule, **wanted, Actions=forward) == limit
    rule = elb.create_rule(**wanted, Actions=[FORBIDDEN])["Rules"][0]["RuleArn"]
    assert code_of(elb.modify_rule, RuleArn=rule, Actions=forward) == limit
    elb.modify_rule(RuleArn=balanced.rules[0], Actions=forward)


def test_a_target_group_that_is_forwarded_to_stays(balanced: Balanced) -> None:
    elb = balanced.elb
    delete = elb.delete_target_group
    assert code_of(delete, TargetGroupArn=balanced.group) == "ResourceInUse"
    elb.delete_listener(ListenerArn=balanced.listener)
    delete(TargetGroupArn=balanced.group)


def test_the_api_refuses_a_load_balancer_without_its_network(balanced: Balanced) -> None:
    elb = balanced.elb
    balancer = {"LoadBalancerArn": balanced.balancer}
    assert code_of(elb.create_load_balancer, Name="b", Subnets=["subnet-1"]) == "SubnetNotFound"
    assert code_of(elb.set_subnets, **balancer, Subnets=["subnet-1"]) == "SubnetNotFound"
    one_zone = {"Name": "b", "Scheme": "internal", "Subnets": balanced.subnets[:1]}
    assert code_of(elb.create_load_balancer, **one_zone) == "ValidationError"
    elb.create_load_balancer(**one_zone, Type="network")
    public = {"Name": "c", "Scheme": "internet-facing", "Subnets": balanced.subnets}
    assert code_of(elb.create_load_balancer, **public) == "InvalidSubnet"
    code = code_of(elb.set_security_groups, **balancer, SecurityGroups=["sg-1"])
    assert code == "InvalidSecurityGroup"
