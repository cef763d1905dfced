"""Stack policy: what of a production stack no update replaces or deletes, whoever asks for it.

It says on AWS's side what ``policy.yaml`` says here, for the parent's own resources and for nested
stacks as a whole. It is opened for what ``--allow`` names, for one operation, and closed again; if
that is killed, the next deployment closes it.

Source: CloudFormation User Guide, "Prevent updates to stack resources". A policy of the parent does
not reach into nested stacks: in them only our own policy refuses.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from delivery.aws import Aws, explained
from delivery.changes import Change
from delivery.errors import DeliveryError
from delivery.output import tell
from delivery.policy import Policy
from delivery.stacks import NESTED, Stack
from description.profiles import Profile

_Node = Mapping[str, Any]


def guard(
    aws: Aws,
    console: Console,
    stack: Stack,
    profile: Profile,
    templates: Mapping[str, bytes],
    rules: Policy,
) -> None:
    """Set the policy of a deployed stack if it is of production. What was deployed stays so where
    this is not allowed.
    """
    if profile is not Profile.PRODUCTION:
        return
    try:
        _set(aws, stack, document(kept(templates, rules)))
    except DeliveryError as error:
        tell(console, f"{stack.name} has no stack policy of this build: {error}")


@contextmanager
def opened(
    aws: Aws, stack: Stack | None, profile: Profile, allowed: Iterable[str]
) -> Iterator[None]:
    """Let what is ``allowed``, by address, be replaced and deleted while this lasts."""
    ids = {address.partition("/")[0] for address in allowed}
    before = _current(aws, stack) if stack and ids and profile is Profile.PRODUCTION else None
    if stack is None or before is None:
        yield
        return
    _set(aws, stack, document(_denied(before) - ids))
    try:
        yield
    finally:
        _set(aws, stack, before)


def kept(templates: Mapping[str, bytes], rules: Policy) -> set[str]:
    """Return the logical ids in the parent of what must not be replaced or deleted: what the rules
    refuse in production, and nested stacks with such a thing in them. Those of services, which join
    and leave with their images, are not among them.
    """
    parsed = {name: json.loads(body)["Resources"] for name, body in templates.items()}

    def refused(name: str, resource: _Node) -> bool:
        if resource["Type"] == NESTED:
            inner = parsed.get(resource["Properties"]["TemplateURL"], {})
            return any(refused(*one) for one in inner.items())
        change = Change((), name, resource["Type"], "Remove", "no")
        return bool(rules.refusals([change], Profile.PRODUCTION))

    return {
        name
        for name, resource in parsed["parent.json"].items()
        if "Condition" not in resource and refused(name, resource)
    }


def document(ids: Iterable[str]) -> str:
    """Return the policy that keeps resources with these logical ids."""
    every = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["Update:Replace", "Update:Delete"],
        "Resource": [f"LogicalResourceId/{name}" for name in sorted(ids)],
    }
    return json.dumps({"Statement": [every, deny] if deny["Resource"] else [every]})


def _denied(policy: str) -> set[str]:
    return {
        name.partition("/")[2]
        for one in json.loads(policy)["Statement"]
        if one["Effect"] == "Deny"
        for name in one["Resource"]
    }


def _current(aws: Aws, stack: Stack) -> str | None:
    with explained():
        return aws.cloudformation.get_stack_policy(StackName=stack.id).get("StackPolicyBody")


def _set(aws: Aws, stack: Stack, body: str) -> None:
    with explained():
        aws.cloudformation.set_stack_policy(StackName=stack.id, StackPolicyBody=body)
