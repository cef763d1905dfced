"""The templates that stacks have now."""

import json
from typing import Any

from delivery.aws import Aws


def template(aws: Aws, stack: str, change_set: str | None = None) -> dict[str, Any]:
    """Return the template of a stack, or the one that a change set of it would bring."""
    which = {"ChangeSetName": change_set} if change_set else {}
    # botocore parses JSON where it can, so the body is an object, whatever its type says.
    body: Any = aws.cloudformation.get_template(StackName=stack, TemplateStage="Original", **which)[
        "TemplateBody"
    ]
    return json.loads(body) if isinstance(body, str) else dict(body)


def retained(aws: Aws, stack: str) -> set[str]:
    """Return the logical ids that a deletion of the stack leaves in place.

    Source: CloudFormation User Guide, "DeletionPolicy attribute": RetainExceptOnCreate keeps what
    outlived the operation that created it.
    """
    return {
        logical_id
        for logical_id, resource in template(aws, stack)["Resources"].items()
        if str(resource.get("DeletionPolicy", "")).startswith("Retain")
    }
