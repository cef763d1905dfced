"""Why an operation on a stack failed, what became of the stack, and what to do next."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from delivery import denied, stacks
from delivery.aws import Aws
from delivery.events import CANCELLED, Event, root_cause
from delivery.stacks import NESTED, Stack, Step

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        DescribeEventsOutputTypeDef,
        EventFilterTypeDef,
        OperationEventTypeDef,
    )

_FAILED: "EventFilterTypeDef" = {"FailedEvents": True}

HINTS: Sequence[tuple[str, str, str]] = (
    (
        "AWS::ECS::Service",
        r"did not stabilize|circuit breaker|exceeded attempts",
        "Its tasks do not stay healthy: see in the service's events why they stopped, and in their "
        "log group what they said.",
    ),
    (
        "",
        r"already exists|AlreadyExists",
        "Something else has that name: remove it, or give this one another name_prefix.",
    ),
    (
        "",
        r"(?i)not authorized|AccessDenied|access denied",
        "",  # what is said of it depends on whose it is
    ),
    (
        "",
        r"(?i)limit ?exceeded|maximum number|quota",
        "A quota of the account is used up: ask for more in Service Quotas, or remove what is not "
        "needed.",
    ),
    (
        "AWS::ECR::Repository",
        r"(?i)not empty|contains images|still contains",
        "Delete the images in it first.",
    ),
    ("AWS::S3::Bucket", r"(?i)not empty", "Delete the objects and versions in it first."),
    (
        "",
        r"(?i)dependent object|has dependencies|in use|ResourceInUse",
        "Something outside of the stack still uses it: remove that first.",
    ),
    (
        "",
        r"custom-named resource",
        "It cannot be replaced under the name that it has: ./deploy.sh diff says which change "
        "replaces it.",
    ),
    (
        "",
        r"(?i)throttl|rate exceeded",
        "AWS asked for fewer calls: repeat the command.",
    ),
)
"""A type (empty: any), what AWS says of it, and what helps; the first that fits is told."""


def failure(
    aws: Aws, name: str, stack: Stack | None, seen: Sequence[Event], *, deleting: bool = False
) -> str:
    """Return what made an operation fail, what was rolled back, and what to do next.

    ``seen`` are its events; ``stack`` is what is left, None where nothing is.
    """
    cause = root_cause(seen)
    sentences = [_cause(aws, name, stack, cause)]
    if cause:
        sentences += [*_hint(cause), *_rolled_back(seen, cause, _removal(aws, stack))]
    return " ".join([*sentences, _aftermath(aws, name, stack, deleting=deleting)])


def refused(aws: Aws, change_set: str) -> list[str]:
    """Return what AWS found wrong before anything was made: early validation and hooks.

    ``change_set`` is the ARN of one that failed. Empty where nobody can say more.
    Source: API reference, DescribeEvents.
    """
    pages = aws.cloudformation.get_paginator("describe_events")
    return _told_by(pages.paginate(ChangeSetName=change_set, Filters=_FAILED))


def _cause(aws: Aws, name: str, stack: Stack | None, cause: Event | None) -> str:
    if cause:
        why = cause.reason.strip().rstrip(".") or "AWS gives no reason"
        return f"{name}/{cause.address} ({cause.type}) failed: {why}."
    pages = aws.cloudformation.get_paginator("describe_events")
    told = _told_by(pages.paginate(StackName=stack.id, Filters=_FAILED)) if stack else []
    why = "; ".join(told) or "CloudFormation names no resource"
    return f"Stack {name} failed: {why}."


def _hint(cause: Event) -> Iterator[str]:
    for kind, said, hint in HINTS:
        if kind in {"", cause.type} and re.search(said, cause.reason):
            yield hint or denied.hint(cause.reason)
            return


def _removal(aws: Aws, stack: Stack | None) -> str:
    """Return the command that says how to remove what is in the care of no stack."""
    if stack and stack.status in stacks.CREATION_FAILED:
        return f"./deploy.sh destroy {stacks.place(stack, aws.cli_options)}"
    return "./deploy.sh check"


def _rolled_back(seen: Iterable[Event], cause: Event, removal: str) -> Iterator[str]:
    """Tell what was undone after the failure, and what could not be; ``removal`` is the command
    that says how to remove what stays.
    """
    later = [e for e in seen if e.at >= cause.at and e.type != NESTED and e.finished and e != cause]
    began = any("ROLLBACK" in e.status for e in seen)
    if not began:
        return
    deleted = {e.address for e in later if e.status == "DELETE_COMPLETE"}
    back = {e.address for e in later if e.status == "UPDATE_COMPLETE"}
    left = {e.address for e in later if e.failed and not CANCELLED.search(e.reason)}
    parts = [f"{len(deleted)} resources were deleted again"] if deleted else []
    parts += [f"{len(back)} were changed back"] if back else []
    if parts:
        yield f"Rolled back: {', '.join(parts)}."
    kept = sorted(e.address for e in later if e.status == "DELETE_SKIPPED")
    if kept:
        more = f" and {len(kept) - 3} more" if len(kept) > 3 else ""
        yield (
            f"Still there, in the care of no stack: {', '.join(kept[:3])}{more}. What has a name "
            f"is in the way of the next attempt: {removal} says how to remove it."
        )
    if left - deleted - back - {cause.address}:
        rest = sorted(left - deleted - back - {cause.address})
        yield f"Not rolled back: {', '.join(rest)}."


def _aftermath(aws: Aws, name: str, stack: Stack | None, *, deleting: bool) -> str:
    """Say what became of a stack whose operation failed, and what to do next."""
    if stack is None:
        return f"Stack {name} is gone."
    became = f"Stack {name} is now in {stack.status}"
    if deleting:
        return (
            f"{became}: what is named above is still there. Mend that and repeat the command, or "
            "leave to the account what cannot be deleted: aws cloudformation delete-stack "
            f"--stack-name {name} --deletion-mode FORCE_DELETE_STACK {aws.cli_options}"
        )
    match stacks.decision(stack, aws.cli_options):
        case (Step.RECREATE, _):
            return f"{became}: nothing of it runs. Correct the cause and repeat the command."
        case (Step.CREATE | Step.UPDATE, _):
            return f"{became}: what ran before is back. Correct the cause and repeat the command."
        case (_, advice):
            return f"{became}: {advice}"


def _told_by(pages: "Iterable[DescribeEventsOutputTypeDef]") -> list[str]:
    """Return what failed without an event of a resource; nothing where that may not be asked."""
    try:
        found = [event for page in pages for event in page.get("OperationEvents", ())]
    except (ClientError, BotoCoreError):  # what we know already is more than this failure
        return []
    return list(dict.fromkeys(text for event in found for text in _told(event)))


def _told(event: "OperationEventTypeDef") -> Iterator[str]:
    where = event.get("LogicalResourceId", "")
    match event.get("EventType"):
        case "VALIDATION_ERROR" if event.get("ValidationFailureMode") != "WARN":
            path = event.get("ValidationPath", "")
            reason = event.get("ValidationStatusReason", "").rstrip(".")
            yield f"{where}{path}: {reason} ({event.get('ValidationName', 'validation')})"
        case "HOOK_INVOCATION_ERROR" if event.get("HookFailureMode") != "WARN":
            reason = event.get("HookStatusReason", "").rstrip(".")
            yield f"{where}: {reason} (hook {event.get('HookType', '')})"
        case "PROVISIONING_ERROR":
            yield f"{where}: {event.get('ResourceStatusReason', '').rstrip('.')}"
