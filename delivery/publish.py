"""Templates in S3 under keys that say what is in them.

CloudFormation takes a nested stack as unchanged when its TemplateURL is unchanged. A key that holds
a hash of its content therefore moves when, and only when, the template or one below it changed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from botocore.exceptions import ClientError

from delivery.aws import DENIED, UPLOADS_AT_ONCE, Aws, error_code, error_message, explained
from delivery.denied import RIGHTS
from delivery.errors import DeliveryError, InputError
from delivery.stacks import NESTED
from templates.written import written

PARENT = "parent.json"
HASH_DIGITS = 16


@dataclass(frozen=True)
class Packaged:
    """A template as it is stored: nested TemplateURLs point to S3."""

    key: str
    url: str
    body: bytes


@dataclass(frozen=True)
class Published:
    """What is in the bucket after publishing."""

    parent: Packaged
    uploaded: tuple[str, ...]
    """Keys that were sent."""
    unchanged: tuple[str, ...]
    """Keys that were there already."""

    @property
    def parent_url(self) -> str:
        """The URL to deploy."""
        return self.parent.url


def default_bucket(aws: Aws) -> str:
    """Return the name of an account's own bucket for templates in a region."""
    return f"payment-stacks-{aws.account}-{aws.region}"


def package(templates: Mapping[str, bytes], base_url: str, folder: str) -> dict[str, Packaged]:
    """Give every template its key, and every nested TemplateURL the URL of the child's.

    ``templates`` maps file names to JSON; ``base_url`` is the bucket's URL, ``folder`` the keys'
    common beginning, both without a slash at the end. Children come before the templates that nest
    them. Raises ``InputError`` where a TemplateURL names no template, or templates nest in a
    circle.
    """
    parsed = {name: json.loads(body) for name, body in templates.items()}
    children = {
        name: {nested["TemplateURL"] for nested in _nested_stacks(template)}
        for name, template in parsed.items()
    }
    for name, wanted in children.items():
        if missing := sorted(wanted - templates.keys()):
            raise InputError(f"{name} nests templates that were not built: {', '.join(missing)}.")
    try:
        order = list(TopologicalSorter(children).static_order())
    except CycleError as error:
        raise InputError(f"Templates nest one another: {' -> '.join(error.args[1])}.") from error

    made: dict[str, Packaged] = {}
    for name in order:
        body = templates[name]
        if children[name]:
            for nested in _nested_stacks(parsed[name]):
                nested["TemplateURL"] = made[nested["TemplateURL"]].url
            body = written(parsed[name])
        digest = hashlib.sha256(body).hexdigest()[:HASH_DIGITS]
        key = f"{folder}/{name.removesuffix('.json')}-{digest}.json"
        made[name] = Packaged(key, f"{base_url}/{key}", body)
    return made


def _nested_stacks(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the properties of each nested stack whose TemplateURL is a relative file name."""
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        url = properties.get("TemplateURL")
        if resource.get("Type") == NESTED and isinstance(url, str) and "://" not in url:
            yield properties


def publish(
    templates: Mapping[str, bytes],
    *,
    aws: Aws,
    bucket: str,
    folder: str,
    prefix: str,
    bucket_owner: str | None = None,
) -> Published:
    """Send the templates that are not in the bucket yet, and say where the parent is.

    Keys are ``<prefix>/<folder>/<name>-<hash>.json``. The bucket must belong to ``bucket_owner``
    (none given: the account that signs the calls). Costs one listing, and one call per new
    template. Nothing that a deployed stack uses is ever overwritten or deleted.

    Raises ``DeliveryError`` where the bucket is missing, elsewhere, or may not be used.
    """
    wanted = packaged(templates, aws=aws, bucket=bucket, folder=folder, prefix=prefix)
    owner = bucket_owner or aws.account
    with explained(), _bucket_errors(aws, bucket, owner):
        stored = _stored_sizes(aws, bucket, f"{_folder(prefix, folder)}/", owner)
        new = [p for p in wanted.values() if stored.get(p.key) != len(p.body)]
        send = partial(_send, aws, bucket, owner, stored)
        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            list(pool.map(send, new))
    uploaded = tuple(p.key for p in new)
    unchanged = tuple(p.key for p in wanted.values() if p.key not in uploaded)
    return Published(wanted[PARENT], uploaded, unchanged)


def packaged(
    templates: Mapping[str, bytes], *, aws: Aws, bucket: str, folder: str, prefix: str
) -> dict[str, Packaged]:
    """Return the templates by name, as ``publish`` would store them. Calls nothing."""
    return package(templates, f"{aws.s3_url}/{bucket}", _folder(prefix, folder))


def _folder(prefix: str, folder: str) -> str:
    return "/".join(part for part in (prefix.strip("/"), folder) if part)


def _stored_sizes(aws: Aws, bucket: str, folder: str, owner: str) -> dict[str, int]:
    """Return the size in bytes of every object below ``folder``, by key."""
    sizes: dict[str, int] = {}
    pages = aws.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=folder, ExpectedBucketOwner=owner
    )
    for page in pages:
        home = page["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", aws.region)
        if home != aws.region:
            raise DeliveryError(
                f"The bucket is in another region: {bucket} is in {home}, the stack in "
                f"{aws.region}, and CloudFormation reads templates from its own region only. "
                f"Use a bucket in {aws.region}, or --region {home}."
            )
        sizes.update((stored["Key"], stored["Size"]) for stored in page.get("Contents", ()))
    return sizes


def _send(aws: Aws, bucket: str, owner: str, stored: Mapping[str, int], template: Packaged) -> None:
    """Store one template; S3 recomputes its checksum and refuses it if a byte was lost.

    What was not ``stored`` and is there now came by a call whose answer was lost, or from somebody
    who deploys the same: it is not stored twice. Source: Amazon S3 User Guide, "How to prevent
    object overwrites with conditional writes".
    """
    put = partial(
        aws.s3.put_object,
        Bucket=bucket,
        Key=template.key,
        Body=template.body,
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",
        ExpectedBucketOwner=owner,
    )
    if template.key in stored:  # with another size
        put()
        return
    try:
        put(IfNoneMatch="*")
    except ClientError as error:
        match error_code(error):
            case "PreconditionFailed":
                return
            case "ConditionalRequestConflict":
                put()
            case _:
                raise


@contextmanager
def _bucket_errors(aws: Aws, bucket: str, owner: str) -> Iterator[None]:
    """Say what is wrong with the bucket, in place of what S3 answers."""
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code == "NoSuchBucket":
            raise DeliveryError(
                f"There is no bucket {bucket}. "
                f"Make it with: ./deploy.sh bootstrap --bucket {bucket} {aws.cli_options}"
            ) from error
        if code in DENIED:
            raise DeliveryError(
                f"Access denied to bucket {bucket}: {error.operation_name}: "
                f"{error_message(error).rstrip('.')}. Ask for s3:ListBucket and s3:PutObject "
                f"({RIGHTS}). The bucket must belong to account {owner}; if it belongs to "
                "another one, give --bucket-owner."
            ) from error
        raise
