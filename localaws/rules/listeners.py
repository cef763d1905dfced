"""Load balancers: one listener for a port, one rule for a priority, one balancer for a group.

CloudFormation makes what is new before it deletes what is old, so a listener or a rule whose
logical id changes meets its predecessor here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from localaws import emulator
from localaws.ec2_answers import one
from localaws.emulator import Parameters, Record
from localaws.rules.guard import guard, refuse

Actions = Iterable[Mapping[str, Any]]


def install() -> None:
    """Let Elastic Load Balancing's calls follow these rules."""
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        {
            "CreateListener": _create_listener,
            "CreateRule": _create_rule,
            "DeleteTargetGroup": lambda request: keep_used_group(one(request, "TargetGroupArn")),
            "ModifyListener": _modify_listener,
            "ModifyRule": _modify_rule,
            "SetRulePriorities": _set_priorities,
        },
    )


def one_listener_per_port(balancer: str, port: int, listener: str = "") -> None:
    """Refuse a listener (a new one, or the one of that ARN) on a port that another one has.

    AWS answers a call that repeats all of a listener with that listener; here it is refused too.
    """
    taken = any(
        arn != listener and other["LoadBalancerArn"] == balancer and other["Port"] == port
        for arn, other in emulator.listeners.items()
    )
    refuse(
        taken,
        "DuplicateListener",
        f"A listener already exists on this port for this load balancer '{balancer}'",
    )


def one_rule_per_priority(listener: str, priority: str, others: Mapping[str, str]) -> None:
    """Refuse a rule at a priority that another one has.

    `others` gives the priorities of rules that do not have theirs, by ARN.
    """
    taken = any(
        rule["ListenerArn"] == listener and others.get(arn, rule["Priority"]) == priority
        for arn, rule in emulator.listener_rules.items()
    )
    refuse(taken, "PriorityInUse", f"Priority '{priority}' is currently in use")


def one_balancer_per_group(balancer: str, actions: Actions) -> None:
    """Refuse an action that forwards to no target group, or to one of another load balancer."""
    for group in _groups(actions):
        refuse(
            group not in emulator.target_groups,
            "TargetGroupNotFound",
            f"Target groups '{group}' not found",
        )
        refuse(
            set(balancers_of(group)) - {balancer},
            "TargetGroupAssociationLimit",
            "The following target groups cannot be associated with more than one load balancer: "
            f"{group}",
        )


def keep_used_group(group: str) -> None:
    """Refuse to delete a target group that a listener or a rule forwards to."""
    refuse(
        any(balancers_of(group)),
        "ResourceInUse",
        f"Target group '{group}' is currently in use by a listener or a rule",
    )


def balancer_of(listener: str) -> str:
    """Return the ARN of a listener's load balancer, or "" if there is no such listener."""
    return str(emulator.listeners.get(listener, {}).get("LoadBalancerArn", ""))


def _groups(actions: Actions) -> Iterator[str]:
    return (str(action["TargetGroupArn"]) for action in actions if action.get("TargetGroupArn"))


def balancers_of(group: str) -> Iterator[str]:
    """Yield the load balancers whose listeners and rules forward to a target group."""
    forwarding: list[tuple[str, Actions]] = [
        *((arn, listener["DefaultActions"]) for arn, listener in emulator.listeners.items()),
        *((rule["ListenerArn"], rule["Actions"]) for rule in emulator.listener_rules.values()),
    ]
    for listener, actions in forwarding:
        balancer = balancer_of(listener)
        if balancer in emulator.load_balancers and group in _groups(actions):
            yield balancer


def _create_listener(request: Parameters) -> None:
    balancer = one(request, "LoadBalancerArn")
    one_listener_per_port(balancer, int(one(request, "Port") or 80))
    one_balancer_per_group(balancer, emulator.listener_actions(request, "DefaultActions"))


def _modify_listener(request: Parameters) -> None:
    arn = one(request, "ListenerArn")
    if one(request, "Port"):
        one_listener_per_port(balancer_of(arn), int(one(request, "Port")), arn)
    actions = emulator.listener_actions(request, "DefaultActions")
    one_balancer_per_group(balancer_of(arn), actions)


def _create_rule(request: Parameters) -> None:
    listener = one(request, "ListenerArn")
    one_rule_per_priority(listener, one(request, "Priority"), {})
    actions = emulator.listener_actions(request, "Actions")
    one_balancer_per_group(balancer_of(listener), actions)


def _modify_rule(request: Parameters) -> None:
    rule = emulator.listener_rules.get(one(request, "RuleArn"))
    if rule:
        actions = emulator.listener_actions(request, "Actions")
        one_balancer_per_group(balancer_of(rule["ListenerArn"]), actions)


def _set_priorities(request: Parameters) -> None:
    """Refuse two rules of one priority as they would be afterwards: a call can swap two."""
    prefix = "RulePriorities.member."
    wanted = {
        request[key][0]: one(request, key.replace("RuleArn", "Priority"))
        for key in request
        if key.startswith(prefix) and key.endswith(".RuleArn")
    }
    for arn, priority in wanted.items():
        rule: Record = emulator.listener_rules.get(arn, {})
        if rule:
            one_rule_per_priority(rule["ListenerArn"], priority, {**wanted, arn: ""})
