"""Rights over a change set: those over the stack that it is for.

Source: Service Authorization Reference, AWS CloudFormation. ministack asks for a right over
everything where a request names a change set and no stack.
"""

from typing import Any

from localaws import emulator


def install() -> None:
    """Let requests that name a change set need rights over its stack."""
    emulator.replace("extract_resource_arn", resource, emulator.iam_actions)


def resource(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    parameters: emulator.Parameters,
    *where: str,
) -> str:
    """Return the ARN of what a request is about, ``*`` if it is not known."""
    found: str = emulator.resource_of_request(
        service, method, path, headers, body, parameters, *where
    )
    if service == "cloudformation" and found == "*":
        named = parameters.get("ChangeSetName", "")
        change_set = emulator.change_set_records.get(named if isinstance(named, str) else named[0])
        return change_set["StackId"] if change_set else found
    return found
