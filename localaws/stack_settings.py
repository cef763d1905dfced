"""A stack's service role and notification topics: ministack forgets them."""

from localaws import emulator
from localaws.changesets import find_change_set
from localaws.ec2_answers import one, several
from localaws.emulator import Action, Parameters, Record, Response
from localaws.nest import find
from localaws.service_rights import allows

_TOPICS, _ROLE = "NotificationARNs", "RoleARN"


def install() -> None:
    """Let CloudFormation's calls keep them."""
    for name in ("CreateChangeSet", "CreateStack", "DeleteStack", "UpdateStack"):
        emulator.actions[name] = _keeping(emulator.actions[name])
    emulator.actions["ExecuteChangeSet"] = _executing(emulator.actions["ExecuteChangeSet"])


def _keeping(action: Action) -> Action:
    def keep(parameters: Parameters) -> Response:
        stated = _stated(parameters)
        role = stated.get(_ROLE)
        if role and not _assumable(role):
            message = f"Role {role} is invalid or cannot be assumed"
            return emulator.error_response("ValidationError", message)
        response = action(parameters)
        change_set = find_change_set(parameters)
        if response[0] < 400:
            record = change_set if one(parameters, "ChangeSetName") else _stack(parameters)
            if record is not None:
                record.update({"_settings": stated} if record is change_set else stated)
        return response

    return keep


def _executing(action: Action) -> Action:
    def execute(parameters: Parameters) -> Response:
        change_set = find_change_set(parameters)
        response = action(parameters)
        if response[0] < 400 and change_set is not None:
            stack = emulator.stack_records[change_set["StackName"]]
            stack.update(change_set.get("_settings", {}))
        return response

    return execute


def _stated(parameters: Parameters) -> Record:
    """Return what a request says of both: an empty list takes all topics away."""
    stated: Record = {}
    topics = several(parameters, f"{_TOPICS}.member")
    if topics or _TOPICS in parameters:
        stated[_TOPICS] = topics
    if one(parameters, _ROLE):
        stated[_ROLE] = one(parameters, _ROLE)
    return stated


def _assumable(arn: str) -> bool:
    role = emulator.roles.get(arn.rpartition("/")[2])
    trust = role["AssumeRolePolicyDocument"] if role and role["Arn"] == arn else ""
    return allows(trust, "cloudformation.amazonaws.com", "sts:AssumeRole", arn)


def _stack(parameters: Parameters) -> Record | None:
    return find(one(parameters, "StackName"))
