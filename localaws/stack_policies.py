"""Stack policies: which resources of a stack an update may change, replace or delete.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
"""

import json
from typing import Any

from localaws import emulator
from localaws.conditions import evaluate
from localaws.ec2_answers import one
from localaws.emulator import Action, Parameters, Properties, Record, Response
from localaws.nest import TYPE, find
from localaws.replacement import recreation

_POLICY, _OVERRIDE = "_stack_policy", "_stack_policy_during_update"
_BODIES = ("StackPolicyBody", "StackPolicyDuringUpdateBody")
_ACTIONS = frozenset({"update:*", "update:delete", "update:modify", "update:replace"})


def install() -> None:
    """Let the calls that set a policy refuse one that means nothing."""
    for name in ("CreateStack", "SetStackPolicy", "UpdateStack"):
        emulator.actions[name] = _checking(emulator.actions[name])


def _checking(action: Action) -> Action:
    def check(parameters: Parameters) -> Response:
        bodies = {name: one(parameters, name) for name in _BODIES if name in parameters}
        for body in bodies.values():
            if not _is_valid(body):
                message = "Error validating stack policy: Invalid stack policy"
                return emulator.error_response("ValidationError", message)
        stack = find(one(parameters, "StackName"))
        if stack is not None and _BODIES[1] in bodies:
            stack[_OVERRIDE] = bodies[_BODIES[1]]
        response = action(parameters)
        if response[0] >= 400 and stack is not None:
            forget_override(stack)
        return response

    return check


def _is_valid(body: str) -> bool:
    try:
        return all(_is_statement(each) for each in json.loads(body)["Statement"])
    except (KeyError, TypeError, ValueError):
        return False


def _is_statement(statement: Record) -> bool:
    actions = statement.get("Action", statement.get("NotAction"))
    return (
        statement["Effect"] in ("Allow", "Deny")
        and statement["Principal"] == "*"
        and ("Resource" in statement) != ("NotResource" in statement)
        and {each.lower() for each in _as_list(actions)} <= _ACTIONS
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_change(
    stack: Record, logical_id: str, resource_type: str, old: Properties, new: Properties
) -> None:
    """Raise ValueError if the stack's policy does not allow this change of a resource."""
    changed = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    if not changed:
        return
    replaced = resource_type != TYPE and any(
        recreation(resource_type, name) == "Always" for name in changed
    )
    action = "Update:Replace" if replaced else "Update:Modify"
    reason = _denial(stack, logical_id, resource_type, action)
    if reason:
        raise ValueError(reason)


def refuses_removals(
    stack: Record,
    previous: Record,
    template: dict[str, Any],
    parameters: Record,
    disable_rollback: bool,
) -> bool:
    """Fail an update that removes what the stack's policy keeps; return whether it did."""
    conditions = evaluate(template, parameters)
    wanted = {
        logical_id
        for logical_id, resource in template["Resources"].items()
        if conditions.get(resource.get("Condition"), True)
    }
    for logical_id, resource in previous["_resources"].items():
        if logical_id in wanted:
            continue
        kind = resource["ResourceType"]
        reason = _denial(stack, logical_id, kind, "Update:Delete")
        if reason:
            _fail(stack, previous, (logical_id, kind, reason), disable_rollback)
            return True
    return False


def _fail(
    stack: Record, previous: Record, denied: tuple[str, str, str], disable_rollback: bool
) -> None:
    """End an update before it has done anything."""
    logical_id, kind, reason = denied
    name, stack_id = stack["StackName"], stack["StackId"]
    stack.update({key: value for key, value in previous.items() if key in stack})
    forget_override(stack)
    emulator.add_event(stack_id, name, logical_id, kind, "UPDATE_FAILED", reason)
    statuses = ["UPDATE_FAILED"]
    if not disable_rollback:
        statuses = ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    for status in statuses:
        why = reason if status != "UPDATE_ROLLBACK_COMPLETE" else ""
        emulator.add_event(stack_id, name, name, TYPE, status, why, stack_id)
    stack["StackStatus"] = statuses[-1]
    stack["StackStatusReason"] = reason


def _denial(stack: Record, logical_id: str, resource_type: str, action: str) -> str:
    """Return why the policy in force does not allow an action, or "" if it does."""
    policy = stack.get(_OVERRIDE) or stack.get(_POLICY)
    if not policy:
        return ""
    request = emulator.policy_request(
        principal_arn="*",
        principal_type="Anonymous",
        principal_account="",
        action=action,
        resource_arn=f"LogicalResourceId/{logical_id}",
        region=emulator.region(),
        secure_transport=True,
        service_context={"resourcetype": resource_type},
    )
    if emulator.evaluate_policy(policy, request).decision == "Allow":
        return ""
    return (
        f"Action denied by stack policy: it does not allow [{action}] "
        f"for resource [LogicalResourceId/{logical_id}]"
    )


def forget_override(stack: Record) -> None:
    """End what a policy for one update has changed."""
    stack.pop(_OVERRIDE, None)
