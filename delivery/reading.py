"""Reads what a change set would do, with the change sets of all nested stacks."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from checks.differences import Difference, differences
from delivery import values
from delivery.aws import Aws
from delivery.changes import Cause, Change, Replacement
from delivery.stacks import NESTED
from delivery.templates import retained

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
        ResourceTargetDefinitionTypeDef,
    )


_AT_ONCE = 8
"""Nested change sets that are asked for at the same time."""


def describe(aws: Aws, arn: str, token: str = "") -> "DescribeChangeSetOutputTypeDef":
    """Return what CloudFormation says of a change set, one page of changes from ``token`` on."""
    more = {"NextToken": token} if token else {}
    return aws.cloudformation.describe_change_set(
        ChangeSetName=arn, IncludePropertyValues=True, **more
    )


def changes(aws: Aws, arn: str, page: "DescribeChangeSetOutputTypeDef") -> Iterator[Change]:
    """Yield the changes of a change set, each nested stack's own after the stack itself.

    ``page`` is its first page. Costs a call for each further page and for each nested change set;
    those of one depth are asked for at the same time.
    """
    told = {arn: _pages(aws, arn, page)}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wanted = _nested(told.values())
        while wanted:
            found = dict(zip(wanted, pool.map(partial(_pages, aws), wanted), strict=True))
            told |= found
            wanted = _nested(found.values())
    yield from _changes(aws, told, arn, ())


def _pages(
    aws: Aws, arn: str, page: "DescribeChangeSetOutputTypeDef | None" = None
) -> "list[DescribeChangeSetOutputTypeDef]":
    """Return all pages of a change set, of which the first ``page`` may be known."""
    pages = [page or describe(aws, arn)]
    while token := pages[-1].get("NextToken"):
        pages.append(describe(aws, arn, token))
    return pages


def _resources(
    pages: "Iterable[DescribeChangeSetOutputTypeDef]",
) -> "Iterator[ResourceChangeTypeDef]":
    for page in pages:
        for entry in page.get("Changes", ()):
            yield entry["ResourceChange"]


def _nested(told: "Iterable[list[DescribeChangeSetOutputTypeDef]]") -> list[str]:
    """Return the ARNs of the change sets that are nested in those that were told."""
    found = (one.get("ChangeSetId") for pages in told for one in _resources(pages))
    return [arn for arn in found if arn]


def _changes(
    aws: Aws,
    told: "Mapping[str, list[DescribeChangeSetOutputTypeDef]]",
    arn: str,
    path: tuple[str, ...],
) -> Iterator[Change]:
    """Yield what was ``told`` of a change set; ``path`` leads to its stack."""
    masked = {p["ParameterKey"] for p in told[arn][0].get("Parameters", ()) if _is_masked(p)}
    for resource in _resources(told[arn]):
        inside = (*path, resource["LogicalResourceId"])
        nested = resource.get("ChangeSetId")
        if resource["Action"] == "Modify" and nested and not any(_resources(told[nested])):
            continue  # a parameter is another text, in which this stack's part is the same
        yield _change(path, resource, masked)
        if nested:
            yield from _changes(aws, told, nested, inside)
        elif resource["ResourceType"] == NESTED and resource["Action"] == "Remove":
            whole = resource.get("PolicyAction") == "Retain"
            yield from _removals(aws, resource["PhysicalResourceId"], inside, whole=whole)


def _is_masked(parameter: "ParameterTypeDef") -> bool:
    return values.masked(parameter.get("ParameterValue", ""))


def _change(path: tuple[str, ...], resource: "ResourceChangeTypeDef", masked: set[str]) -> Change:
    return Change(
        path=path,
        logical_id=resource["LogicalResourceId"],
        type=resource["ResourceType"],
        action=resource["Action"],
        replacement=_replacement(resource),
        causes=tuple(_causes(resource, masked)),
        retained=resource.get("PolicyAction", "").endswith("Retain"),
    )


def _replacement(resource: "ResourceChangeTypeDef") -> Replacement:
    """Decide from what CloudFormation says of the change.

    Source: API reference, ResourceChange: Replacement is Conditional where a value that is known
    only on the way (Evaluation Dynamic) decides; the action Dynamic is as open.
    """
    said = resource.get("Replacement")
    if said == "Conditional" or resource["Action"] == "Dynamic":
        return "maybe"
    if said == "True" or resource.get("PolicyAction", "").startswith("ReplaceAnd"):
        return "yes"
    return "no"


def _causes(resource: "ResourceChangeTypeDef", masked: set[str]) -> Iterator[Cause]:
    """Yield what changes, as deep as the values tell it; what replaces the resource first."""
    details = sorted(resource.get("Details", ()), key=_place)
    found = [
        cause
        for place, group in groupby(details, key=_place)
        for cause in _of_one_property(resource, place, list(group), masked)
    ]
    yield from sorted(found, key=lambda cause: ("yes", "maybe", "no").index(cause.replaces))


def _place(detail: "ResourceChangeDetailTypeDef") -> str:
    """Return which property, or which other attribute of the resource, a detail is about."""
    target = detail["Target"]
    return target.get("Name") or target.get("Attribute", "")


def _of_one_property(
    resource: "ResourceChangeTypeDef",
    place: str,
    details: "list[ResourceChangeDetailTypeDef]",
    masked: set[str],
) -> Iterator[Cause]:
    replaces = _property_replaces(details)
    entities = [detail["CausingEntity"] for detail in details if detail.get("CausingEntity")]
    entity = ", ".join(dict.fromkeys(entities))
    found = list(_differences(resource, place, details))
    for path, before, after in found:
        hidden = not masked.isdisjoint(entities)
        old, new = (values.shown(path, value, hidden=hidden) for value in (before, after))
        yield Cause(path, replaces, old, new, entity)
    if not found:  # it changes only if what it depends on does
        yield Cause(place, replaces, entity=entity)


def _property_replaces(details: "list[ResourceChangeDetailTypeDef]") -> Replacement:
    """Decide from the details of one property, as AWS decides for the resource."""
    said = {(d["Target"].get("RequiresRecreation"), d.get("Evaluation")) for d in details}
    if ("Always", "Static") in said:
        return "yes"
    return "maybe" if any(need in {"Always", "Conditionally"} for need, _ in said) else "no"


def _differences(
    resource: "ResourceChangeTypeDef", place: str, details: "list[ResourceChangeDetailTypeDef]"
) -> Iterator[Difference]:
    """Yield what differs in a property, from the whole resource if it is told, else from parts."""
    if "BeforeContext" in resource and "AfterContext" in resource:
        sides = [json.loads(resource[side]) for side in ("BeforeContext", "AfterContext")]
        before, after = (s.get("Properties", {}).get(place, s.get(place)) for s in sides)
        yield from differences(before, after, place)
        return
    told: set[str] = set()
    for target in (detail["Target"] for detail in details):
        path = target.get("Path", "").removeprefix("/Properties/") or place
        if path not in told and {"BeforeValue", "AfterValue"} & target.keys():
            told.add(path)
            yield from differences(
                _value(target, "BeforeValue"), _value(target, "AfterValue"), path
            )


def _value(target: "ResourceTargetDefinitionTypeDef", name: Any) -> Any:
    """Return a value that CloudFormation tells as text: JSON where it is no text itself."""
    said: Any = target.get(name)
    try:
        return json.loads(said) if said and said[0] in "[{" else said
    except ValueError:
        return said  # it says of long values that they may be cut


def _removals(aws: Aws, stack_id: str, path: tuple[str, ...], *, whole: bool) -> Iterator[Change]:
    """Yield what goes with a nested stack: CloudFormation makes no change set for its inside.

    Where the ``whole`` stack is retained, so is all that is in it.
    """
    kept = retained(aws, stack_id)
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            logical_id, type_ = resource["LogicalResourceId"], resource["ResourceType"]
            stays = whole or logical_id in kept
            yield Change(path, logical_id, type_, "Remove", "no", retained=stays)
            if type_ == NESTED:
                inside = (*path, logical_id)
                yield from _removals(aws, resource["PhysicalResourceId"], inside, whole=stays)
