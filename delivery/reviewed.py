"""A change set that was reviewed: found by its ARN, and refused where it is out of date."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from delivery.aws import Aws, explained
from delivery.changesets import ChangeSet, not_found
from delivery.errors import DeliveryError, InputError
from delivery.reading import changes, describe
from delivery.stacks import Stack
from delivery.templates import template
from delivery.values import masked
from description import digests

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef


@dataclass(frozen=True)
class Wanted:
    """What would be built and asked for now."""

    stack_name: str
    """The parent stack's."""
    parent: dict[str, Any]
    """The parent template as it would be published."""
    parameters: Mapping[str, str]
    """The values that are given now; what is not given is taken as it was reviewed."""
    plan: str
    """The command that makes a new change set."""


def read(aws: Aws, arn: str, stack_name: str, plan: str) -> "DescribeChangeSetOutputTypeDef":
    """Return what CloudFormation says of a change set of the stack; ``plan`` is the command that
    makes a new one.

    Raises ``InputError`` where it is one of another stack, or of a nested one; ``DeliveryError``
    where it is gone.
    """
    with explained(), not_found(arn, plan):
        page = describe(aws, arn)
    if page["StackName"] != stack_name:
        raise InputError(
            f"The change set is for stack {page['StackName']}, not for {stack_name}: {arn}"
        )
    if page.get("RootChangeSetId", arn) != arn:
        raise InputError(
            f"The change set belongs to that of the parent, which alone is carried out: {arn}. "
            f"Give --change-set {page['RootChangeSetId']}"
        )
    return page


def tags_of(page: "DescribeChangeSetOutputTypeDef") -> dict[str, str]:
    """Return the tags that a stack has with a change set."""
    return {tag["Key"]: tag["Value"] for tag in page.get("Tags", ())}


def find(
    aws: Aws, page: "DescribeChangeSetOutputTypeDef", wanted: Wanted, stack: Stack | None
) -> ChangeSet | None:
    """Return the change set that was read if it is still what would be made now over ``stack``.

    None: it has been carried out, and nothing has happened to the stack since.
    Raises ``DeliveryError`` where it is out of date.
    """
    arn = page["ChangeSetId"]
    if page["ExecutionStatus"] == "EXECUTE_COMPLETE" and stack and stack.change_set == arn:
        return None
    with explained():
        reasons = list(_out_of_date(aws, page, wanted, stack))
        if reasons:
            raise DeliveryError(
                f"The change set of {wanted.stack_name} is out of date: {'; '.join(reasons)}. "
                f"Nothing was changed. Make and review a new one with: {wanted.plan}"
            )
        told = tuple(changes(aws, arn, page))
        return ChangeSet(arn, page["StackId"], told, _unmasked(page))


def _unmasked(page: "DescribeChangeSetOutputTypeDef") -> dict[str, str]:
    given = {p["ParameterKey"]: p.get("ParameterValue") for p in page.get("Parameters", ())}
    return {k: value for k, value in given.items() if value is not None and not masked(value)}


def _out_of_date(
    aws: Aws, page: "DescribeChangeSetOutputTypeDef", wanted: Wanted, stack: Stack | None
) -> Iterator[str]:
    """Yield every reason why what was reviewed is not what would happen."""
    if (page["Status"], page["ExecutionStatus"]) != ("CREATE_COMPLETE", "AVAILABLE"):
        yield f"it is {page['Status']} and {page['ExecutionStatus']}"
        return
    changed = stack.updated or stack.created if stack and stack.deployed else None
    if changed and changed > page["CreationTime"]:
        yield f"the stack was changed at {changed:%Y-%m-%d %H:%M:%S %Z}, after it was made"
    if template(aws, page["StackName"], page["ChangeSetId"]) != wanted.parent:
        yield "the templates that would be built now are others (or --bucket or --prefix is)"
    reviewed = {p["ParameterKey"]: p.get("ParameterValue", "") for p in page.get("Parameters", ())}
    for name in sorted(wanted.parameters.keys() - reviewed.keys()):
        yield f"it does not know the parameter {name}"
    known = {name: value for name, value in wanted.parameters.items() if name in reviewed}
    singly = digests.one_by_one(reviewed)
    for name, value in sorted(digests.one_by_one(known).items()):
        before = singly.get(name, "")
        if before != value and not masked(before):
            yield f"{name} is {value!r} now and was {before!r}"


def must_be(made: ChangeSet | None, arn: str | None, again: str) -> None:
    """Raise ``DeliveryError`` where the change set ``arn`` was reviewed and another one is ``made``
    of the same command now; ``again`` is that command, which shows it.

    The same request over an unchanged stack finds the same change set.
    """
    if arn and made and made.arn != arn:
        raise DeliveryError(
            f"The change set is out of date: what would be carried out now is not {arn}. "
            f"Nothing was changed. Review what it is now with: {again}"
        )
