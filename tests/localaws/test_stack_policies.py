"""A stack's policy is kept, and an update that it does not allow fails and rolls back."""

import json
from typing import Any

import pytest

from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, child, template

GROUP = "AWS::Logs::LogGroup"
ALLOW = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}


def logs(days: int, name: str = "a") -> dict[str, Any]:
    return {"Type": GROUP, "Properties": {"LogGroupName": name, "RetentionInDays": days}}


BEFORE = {"Logs": logs(30), "Other": logs(30, "b")}
MODIFIED = {**BEFORE, "Logs": logs(60)}
REPLACED = {**BEFORE, "Logs": logs(30, "c")}
REMOVED = {"Other": BEFORE["Other"]}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": [ALLOW, *statements]})


def deny(action: str, resource: str = "LogicalResourceId/Logs", **more: Any) -> dict[str, Any]:
    return {**ALLOW, "Effect": "Deny", "Action": action, "Resource": resource, **more}


OF_GROUPS = {"StringEquals": {"ResourceType": [GROUP]}}
OF_SERVICES = {"StringLike": {"ResourceType": ["AWS::ECS::*"]}}


def changed(stacks: Stacks, after: dict[str, Any], body: str, **options: Any) -> Any:
    """Create the stack with a policy, update it and return it."""
    stacks.create(template(BEFORE), StackPolicyBody=body)
    ids = {name: stacks.physical_id(name) for name in BEFORE}
    updated = stacks.update(template(after), **options)
    if updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE":
        assert stacks.api.get_template(StackName="root")["TemplateBody"] == template(BEFORE)
        assert {name: stacks.physical_id(name) for name in BEFORE} == ids
        groups = stacks.session.client("logs").describe_log_groups()["logGroups"]
        assert {(g["logGroupName"], g["retentionInDays"]) for g in groups} == {("a", 30), ("b", 30)}
    return updated


DENIALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a change": (MODIFIED, policy(deny("Update:Modify")), "Update:Modify"),
    "a replacement": (REPLACED, policy(deny("Update:Replace")), "Update:Replace"),
    "a removal": (REMOVED, policy(deny("Update:Delete")), "Update:Delete"),
    "by all actions": (REMOVED, policy(deny("Update:*")), "Update:Delete"),
    "by a list": (MODIFIED, policy(deny(["Update:Modify", "Update:Delete"])), "Update:Modify"),  # type: ignore[arg-type]
    "by a prefix": (MODIFIED, policy(deny("Update:*", "LogicalResourceId/L*")), "Update:Modify"),
    "by type": (MODIFIED, policy(deny("Update:*", "*", Condition=OF_GROUPS)), "Update:Modify"),
    "because nothing allows it": (
        MODIFIED,
        json.dumps({"Statement": [{**ALLOW, "Resource": "LogicalResourceId/Other"}]}),
        "Update:Modify",
    ),
}


@pytest.mark.parametrize("denial", DENIALS)
def test_what_the_policy_denies_is_refused(stacks: Stacks, denial: str) -> None:
    after, body, action = DENIALS[denial]
    assert changed(stacks, after, body)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reason = stacks.failures()["Logs"]
    assert reason.startswith("Action denied by stack policy")
    assert f"[{action}] for resource [LogicalResourceId/Logs]" in reason


PERMITS: dict[str, tuple[dict[str, Any], str]] = {
    "another action": (MODIFIED, policy(deny("Update:Replace"), deny("Update:Delete"))),
    "another resource": (MODIFIED, policy(deny("Update:*", "LogicalResourceId/Other"))),
    "another type": (MODIFIED, policy(deny("Update:*", "*", Condition=OF_SERVICES))),
    "a resource that stays": ({**BEFORE, "New": logs(1, "n")}, policy(deny("Update:*", "*"))),
}


@pytest.mark.parametrize("permit", PERMITS)
def test_what_the_policy_does_not_deny_is_done(stacks: Stacks, permit: str) -> None:
    after, body = PERMITS[permit]
    assert changed(stacks, after, body)["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()


def test_an_update_can_bring_a_policy_for_itself_only(stacks: Stacks) -> None:
    body = policy(deny("Update:*"))
    updated = changed(stacks, MODIFIED, body, StackPolicyDuringUpdateBody=policy())
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    again = stacks.update(template({**BEFORE, "Logs": logs(90)}))
    assert again["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.api.get_stack_policy(StackName="root")["StackPolicyBody"] == body


def test_a_change_set_follows_the_policy(stacks: Stacks) -> None:
    stacks.create(template(BEFORE))
    stacks.api.set_stack_policy(StackName="root", StackPolicyBody=policy(deny("Update:Delete")))
    executed = stacks.execute(stacks.change_set(template(REMOVED)))
    assert executed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "Update:Delete" in stacks.failures()["Logs"]
    allowed = stacks.execute(stacks.change_set(template(MODIFIED)))
    assert allowed["StackStatus"] == "UPDATE_COMPLETE"


def test_a_denied_removal_without_rollback_leaves_the_failure(stacks: Stacks) -> None:
    updated = changed(stacks, REMOVED, policy(deny("Update:Delete")), DisableRollback=True)
    assert updated["StackStatus"] == "UPDATE_FAILED"
    assert "Update:Delete" in updated["StackStatusReason"]


@pytest.mark.parametrize("kept", ["Child", "Child/Logs"])
def test_a_nested_stack_is_a_resource_and_has_a_policy_of_its_own(
    stacks: Stacks, kept: str
) -> None:
    url = stacks.publish("child.json", template({"Logs": logs(30)}))
    stacks.create(template({"Child": child(url)}))
    owner, _, logical_id = kept.rpartition("/")
    name = stacks.physical_id(owner) if owner else "root"
    body = policy(deny("Update:*", f"LogicalResourceId/{logical_id}"))
    stacks.api.set_stack_policy(StackName=name, StackPolicyBody=body)
    other = stacks.publish("other.json", template({"Logs": logs(60)}))
    updated = stacks.update(template({"Child": child(other)}))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "Action denied by stack policy" in stacks.failures(name)[logical_id]
    groups = stacks.session.client("logs").describe_log_groups()["logGroups"]
    assert [group["retentionInDays"] for group in groups] == [30]


NO_POLICIES = {
    "no JSON": "{",
    "no statement": "{}",
    "an unknown action": policy({**ALLOW, "Action": "Update:Rename"}),
    "somebody": policy({**ALLOW, "Principal": {"AWS": "*"}}),
    "no resource": policy({k: v for k, v in ALLOW.items() if k != "Resource"}),
    "an unknown effect": policy({**ALLOW, "Effect": "Permit"}),
}


@pytest.mark.parametrize("fault", NO_POLICIES)
def test_a_policy_that_means_nothing_is_refused(stacks: Stacks, fault: str) -> None:
    stacks.create(template(BEFORE))
    body = NO_POLICIES[fault]
    refused = code_of(stacks.api.set_stack_policy, StackName="root", StackPolicyBody=body)
    assert refused == "ValidationError"
    new = {"TemplateBody": json.dumps(template(BEFORE)), "StackPolicyBody": body}
    assert code_of(stacks.api.create_stack, StackName="new", **new) == "ValidationError"
    assert stacks.alive() == ["root"]


ROLE = "arn:aws:iam::{account}:role/deploys"
TOPIC = "arn:aws:sns:us-east-1:{account}:deployments"


@pytest.fixture
def settings(stacks: Stacks) -> dict[str, Any]:
    """A role that CloudFormation may use, and the ARN of a topic."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = stacks.session.client("iam")
    iam.create_role(RoleName="deploys", AssumeRolePolicyDocument=json.dumps(trust))
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="deploys", PolicyName="All", PolicyDocument=json.dumps(everything))
    account = stacks.session.account
    return {
        "NotificationARNs": [TOPIC.format(account=account)],
        "RoleARN": ROLE.format(account=account),
    }


def settings_of(stacks: Stacks, name: str = "root") -> dict[str, Any]:
    stack = stacks.describe(name)
    return {key: stack[key] for key in ("NotificationARNs", "RoleARN")}


def test_a_stack_keeps_its_role_and_its_topics(stacks: Stacks, settings: dict[str, Any]) -> None:
    stacks.create(template(BEFORE), **settings)
    assert settings_of(stacks) == settings
    stacks.update(template(MODIFIED))
    assert settings_of(stacks) == settings
    stacks.update(template(BEFORE), NotificationARNs=[])
    assert settings_of(stacks) == {**settings, "NotificationARNs": []}


def test_a_change_set_brings_both_when_it_is_executed(
    stacks: Stacks, settings: dict[str, Any]
) -> None:
    stacks.create(template(BEFORE))
    change_set = stacks.change_set(template(MODIFIED), **settings)
    assert stacks.describe()["NotificationARNs"] == []
    stacks.execute(change_set)
    assert settings_of(stacks) == settings


def test_a_nested_stack_has_the_role_of_its_parent(
    stacks: Stacks, settings: dict[str, Any]
) -> None:
    url = stacks.publish("child.json", template(BEFORE))
    stacks.create(template({"Child": child(url)}), **settings)
    assert stacks.describe(stacks.physical_id("Child"))["RoleARN"] == settings["RoleARN"]


def test_a_role_that_cloudformation_may_not_use_is_refused(stacks: Stacks) -> None:
    iam = stacks.session.client("iam")
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]
    }
    trust["Statement"][0]["Action"] = "sts:AssumeRole"
    iam.create_role(RoleName="tasks", AssumeRolePolicyDocument=json.dumps(trust))
    for name in ("tasks", "nobody"):
        arn = f"arn:aws:iam::{stacks.session.account}:role/{name}"
        body = {"TemplateBody": json.dumps(template(BEFORE)), "RoleARN": arn}
        refused = code_of(stacks.api.create_stack, StackName="new", **body)
        assert refused == "ValidationError"
    assert stacks.alive() == []
