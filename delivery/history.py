"""What was deployed before: a record of each deployment, beside the templates in the bucket.

Templates are stored under names that say what is in them and are never overwritten, so a record of
the parent's URL and the parameters is enough to have the same again.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from delivery.aws import UPLOADS_AT_ONCE, Aws, error_code, explained
from delivery.errors import DeliveryError, InputError
from delivery.request import WAVE
from delivery.stacks import Stack
from delivery.values import masked
from description import versions

FOLDER = "deployments"
NEWEST = 50
"""So many records are read at most."""


@dataclass(frozen=True)
class Deployment:
    """What a stack became in one deployment."""

    at: str
    """When its last change began, in UTC: ``2026-11-22T09:30:00.123456Z``."""
    stack_id: str
    template_url: str
    parameters: Mapping[str, str]
    """All but those that CloudFormation masks, and versions of secrets."""
    returned_to: str = ""
    """The earlier deployment that it returned to, if it was a rollback."""
    versions: Mapping[str, str] | None = None
    """For which versions of its secrets each service was started last; None in records that do not
    tell. A rollback does not bring them back.
    """

    def restarted(self, before: "Deployment") -> list[str]:
        """Return the services that were started anew for their secrets since the one ``before``."""
        if self.versions is None or before.versions is None:
            return []
        then = before.versions
        return sorted(name for name, one in self.versions.items() if one != then.get(name))

    def same(self, other: "Deployment") -> bool:
        """Return whether both deployed the same."""
        return (self.template_url, dict(self.parameters)) == (
            other.template_url,
            dict(other.parameters),
        )


@dataclass(frozen=True)
class History:
    """The records of one stack in a bucket."""

    aws: Aws
    bucket: str
    prefix: str
    stack_name: str
    bucket_owner: str | None = None

    @property
    def _folder(self) -> str:
        parts = (self.prefix.strip("/"), FOLDER, self.stack_name)
        return "/".join(part for part in parts if part)

    @property
    def _which(self) -> dict[str, Any]:
        return {
            "Bucket": self.bucket,
            "ExpectedBucketOwner": self.bucket_owner or self.aws.account,
        }

    def add(self, stack: Stack, template_url: str, returned_to: str = "") -> None:
        """Record what a stack has become. Repeated for the same state, it changes nothing."""
        made = _of(stack, template_url, returned_to)
        with explained():
            self.aws.s3.put_object(
                Key=f"{self._folder}/{made.at}.json",
                Body=(json.dumps(asdict(made), indent=1) + "\n").encode(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                **self._which,
            )

    def catch_up(self, stack: Stack, records: Sequence[Deployment] = ()) -> Deployment | None:
        """Record what the stack has become, and return it, where the run that did it could not.

        The change set that was carried out last tells it. None where that is not one of ours, and
        where the ``records`` have it.
        """
        if any(one.at == _time(stack) for one in records):
            return None
        made = _told_by_change_set(self.aws, stack)
        if made:
            self.add(stack, made.template_url, made.returned_to)
        return made

    def way_back(self, stack: Stack, records: Sequence[Deployment]) -> str:
        """Return the time of the deployment that a rollback in waves was on its way to when the
        stack's last change set was carried out; empty if there was none, or it is at its end.
        """
        if not stack.change_set or any(one.at == _time(stack) for one in records):
            return ""
        with explained():
            page = self.aws.cloudformation.describe_change_set(ChangeSetName=stack.change_set)
        begun, _, at = page.get("Description", "").rpartition(" ")
        known = {one.at for one in records}
        return at if begun.startswith(WAVE) and at in known else ""

    def of(self, stack: Stack) -> list[Deployment]:
        """Return the records of a stack, the newest first; of an earlier one of its name none."""
        with explained():
            pages = self.aws.s3.get_paginator("list_objects_v2").paginate(
                Prefix=f"{self._folder}/", **self._which
            )
            keys = sorted(one["Key"] for page in pages for one in page.get("Contents", ()))
            with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
                read = list(pool.map(self._read, keys[: -NEWEST - 1 : -1]))
        return [one for one in read if one.stack_id == stack.id]

    def _read(self, key: str) -> Deployment:
        body = self.aws.s3.get_object(Key=key, **self._which)["Body"].read()
        return Deployment(**json.loads(body))


def _told_by_change_set(aws: Aws, stack: Stack) -> Deployment | None:
    """Return the deployment that a stack's last change set has carried out to its end."""
    if not stack.change_set or stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return None
    try:
        with explained():
            page = aws.cloudformation.describe_change_set(ChangeSetName=stack.change_set)
    except DeliveryError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and error_code(cause) == "ChangeSetNotFound":
            return None
        raise
    url, _, returned_to = page.get("Description", "").partition(" ")
    sent = {p["ParameterKey"]: p.get("ParameterValue", "") for p in page.get("Parameters", ())}
    ours = url.startswith("https://") and _shown(sent) == _shown(stack.parameters)
    if not ours or page["ExecutionStatus"] != "EXECUTE_COMPLETE":
        return None
    return _of(stack, url, returned_to)


def _of(stack: Stack, template_url: str, returned_to: str) -> Deployment:
    """Return what a stack has become."""
    return Deployment(
        _time(stack),
        stack.id,
        template_url,
        _shown(stack.parameters),
        returned_to,
        versions.known(stack.parameters),
    )


def earlier(records: Sequence[Deployment], stack: Stack, at: str | None) -> Deployment:
    """Return the deployment to go back to: the one ``at`` a time, or the one before this.

    After a rollback, the one before is older than the one that it returned to. Where somebody else
    has changed the parameters since, the newest record is the one before.
    Raises ``InputError`` for a time without a deployment, ``DeliveryError`` where there is none
    before.
    """
    by_time = {one.at: one for one in records}
    if at:
        if at not in by_time:
            raise InputError(
                f"There is no deployment of {stack.name} at {at}. "
                "List them with: ./deploy.sh rollback --list"
            )
        return by_time[at]
    if records and records[0].parameters != _shown(stack.parameters):
        return records[0]
    current = records[0] if records else None
    while current and current.returned_to in by_time:
        current = by_time[current.returned_to]
    before = [one for one in records if current and one.at < current.at and not one.same(current)]
    if not before:
        raise DeliveryError(
            f"No earlier deployment of {stack.name} is recorded in the bucket: there is nothing to "
            "go back to. Deploy what you want with: ./deploy.sh deploy"
        )
    return before[0]


def _time(stack: Stack) -> str:
    return f"{stack.updated or stack.created:%Y-%m-%dT%H:%M:%S.%f}Z"


def _shown(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return what a rollback brings back: nothing hidden, and no versions of secrets."""
    return {
        name: value
        for name, value in sorted(parameters.items())
        if not masked(value) and not versions.tells_versions(name)
    }
