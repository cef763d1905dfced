"""What becomes of a deployed system when its stack is deleted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from delivery import stacks
from delivery.aws import Aws, error_code, explained
from delivery.changes import Change
from delivery.errors import DeliveryError, RefusedError
from delivery.policy import Level, Policy
from delivery.stacks import NESTED, Stack
from delivery.templates import retained

WORTH_A_LINE: Final[frozenset[Level]] = frozenset({"data loss", "external"})
"""What cannot be made again as it was."""


@dataclass(frozen=True)
class Resource:
    """A deployed resource."""

    path: tuple[str, ...]
    logical_id: str
    type: str
    physical_id: str
    retained: bool
    """Whether it stays when its stack goes."""

    @property
    def address(self) -> str:
        """The path and logical id, e.g. ``Security/DbCredentials``."""
        return "/".join((*self.path, self.logical_id))


def resources(aws: Aws, stack: Stack) -> list[Resource]:
    """Return every resource of a stack and of the stacks nested in it, without those stacks."""
    if not stack.deployed:
        return []
    with explained():
        return list(_inside(aws, stack.id, (), whole=False))


def told(found: Iterable[Resource], rules: Policy) -> Iterator[str]:
    """Yield, line by line, what becomes of the resources that were found: what stays, what goes and
    is lost or known to others, each with why, and all else that goes, by type.
    """
    found = list(found)
    for one in found:
        if one.retained:
            yield f"stays: {one.address} {one.type} {one.physical_id}"
    others: Counter[str] = Counter()
    for one in found:
        if one.retained:
            continue
        risk = rules.risk(Change(one.path, one.logical_id, one.type, "Remove", "no"))
        if risk.level in WORTH_A_LINE:
            yield f"goes: {one.address} {one.type} {one.physical_id}: {risk.reason}"
        else:
            others[one.type] += 1
    for kind, count in sorted(others.items()):
        yield f"goes: {count} of {kind}"


def check(aws: Aws, stack: Stack, deploy: str) -> None:
    """Raise ``RefusedError`` where the stack is protected, ``DeliveryError`` where its load
    balancer is and an update can change that, with what takes the protection away.

    ``deploy`` is the command that deploys it.
    """
    if stack.protected:
        raise RefusedError(
            f"Stack {stack.name} has termination protection. Take it away with: aws cloudformation "
            "update-termination-protection --no-enable-termination-protection "
            f"--stack-name {stack.name} {aws.cli_options}"
        )
    protected = stack.parameters.get("DeletionProtection") == "true"
    if protected and stack.outputs.get("AlbDnsName") and stacks.can_be_updated(stack):
        raise DeliveryError(
            f"The load balancer of {stack.name} is protected from deletion. Take that away with: "
            f"{deploy} --parameter DeletionProtection=false"
        )


def to_empty(found: Iterable[Resource]) -> list[Resource]:
    """Return the buckets that go: CloudFormation deletes none that holds anything. Repositories
    that go are emptied by ECR.
    """
    return [one for one in found if one.type == "AWS::S3::Bucket" and not one.retained]


def empty(aws: Aws, found: Iterable[Resource]) -> dict[str, int]:
    """Delete all versions of all objects in the buckets that go; return how many, by address.

    Raises ``DeliveryError`` where S3 does not delete one.
    """
    return {one.address: _empty(aws, one) for one in to_empty(found)}


def _empty(aws: Aws, bucket: Resource) -> int:
    """Empty a bucket, unless somebody has deleted it already."""
    try:
        with explained():
            return _delete_versions(aws, bucket)
    except DeliveryError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and error_code(cause) == "NoSuchBucket":
            return 0
        raise


def _delete_versions(aws: Aws, bucket: Resource) -> int:
    count = 0
    pages = aws.s3.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket.physical_id):  # 1,000 at once, as they are deleted
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if not versions:
            continue
        answer = aws.s3.delete_objects(
            Bucket=bucket.physical_id,
            Delete={
                "Objects": [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions],
                "Quiet": True,
            },
        )
        for error in answer.get("Errors", ()):
            raise DeliveryError(
                f"{bucket.address}: {error.get('Key', 'an object')} of bucket "
                f"{bucket.physical_id} stays: {error.get('Message', '')} "
                f"({error.get('Code', '')}). Delete it, then repeat the command."
            )
        count += len(versions)
    return count


def _inside(aws: Aws, stack_id: str, path: tuple[str, ...], *, whole: bool) -> Iterator[Resource]:
    """Yield what is in a stack; all of it stays where the ``whole`` stack is retained."""
    policies = retained(aws, stack_id)
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for page in pages:
        for found in page["StackResourceSummaries"]:
            logical_id, physical_id = found["LogicalResourceId"], found.get("PhysicalResourceId")
            if not physical_id or found["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            kept = whole or logical_id in policies
            if found["ResourceType"] == NESTED:
                yield from _inside(aws, physical_id, (*path, logical_id), whole=kept)
            else:
                yield Resource(path, logical_id, found["ResourceType"], physical_id, kept)
