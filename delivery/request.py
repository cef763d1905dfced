"""What is asked of CloudFormation: a stack shall become this."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.stacks import Stack
from delivery.tags import CREATED_AT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import CreateChangeSetInputTypeDef, ParameterTypeDef


WAVE = "wave of "
"""How a change set begins to describe itself that is followed by others."""


@dataclass(frozen=True)
class Request:
    """What a stack shall become."""

    stack_name: str
    template_url: str
    """Empty: the template that the stack has."""
    parameters: Mapping[str, str | None]
    """Values by name; None keeps the value that the stack has."""
    tags: Mapping[str, str]
    role_arn: str = ""
    """The role that CloudFormation acts with; empty: the one that the stack has, or the caller's
    own rights."""
    returned_to: str = ""
    """The earlier deployment that it returns to, if it is a rollback."""
    wave: bool = False
    """Whether others are to follow: what it brings is half a system, and nothing to go back to."""
    same_template: bool = False
    """Whether the stack keeps the template that it has; ``template_url`` is where others lead."""

    @property
    def description(self) -> str:
        """What the change set says of itself, so that what it did can be recorded by anybody."""
        before = WAVE if self.wave else ""
        return f"{before}{self.template_url} {self.returned_to}".rstrip()

    def name(self, stack: Stack | None) -> str:
        """Derive the change set's name from what is asked and from what the stack is now.

        The same request over an unchanged stack has the same name, so a change set that was made
        for review is found again, and one that the stack has left behind is not.
        """
        base = [stack.id, str(stack.updated)] if stack and stack.deployed else []
        tags = {key: value for key, value in self.tags.items() if key != CREATED_AT}
        content = [self.stack_name, self.template_url, dict(self.parameters), tags, base]
        content += [self.role_arn] if self.role_arn else []
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return f"review-{digest[:16]}"

    def arguments(self, stack: Stack | None) -> "CreateChangeSetInputTypeDef":
        """Return the arguments of the call that has a change set made for the stack as it is."""
        asked: CreateChangeSetInputTypeDef = {
            "StackName": self.stack_name,
            "ChangeSetName": self.name(stack),
            "ChangeSetType": "UPDATE" if stack and stack.deployed else "CREATE",
            "Parameters": [_parameter(k, v) for k, v in sorted(self.parameters.items())],
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())],
            "Capabilities": ["CAPABILITY_IAM"],
            "IncludeNestedStacks": True,
        }
        if self.template_url:
            asked["Description"] = self.description
        if self.template_url and not self.same_template:
            asked["TemplateURL"] = self.template_url
        else:
            asked["UsePreviousTemplate"] = True
        return asked | {"RoleARN": self.role_arn} if self.role_arn else asked


def _parameter(name: str, value: str | None) -> "ParameterTypeDef":
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}
