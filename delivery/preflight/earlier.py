"""An earlier deployment as an order, so that the way back is checked as the way forward is."""

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from checks.rendering import Node, nested
from delivery.aws import UPLOADS_AT_ONCE, error_code, explained
from delivery.deployment import Order, Place
from delivery.errors import DeliveryError
from delivery.history import Deployment
from delivery.publish import HASH_DIGITS, PARENT
from delivery.stacks import Stack
from delivery.templates import template
from delivery.values import masked

if TYPE_CHECKING:
    from description.model import System

_MISSING = {"NoSuchKey", "NoSuchBucket", "404"}


def order_of(place: Place, system: "System", environment: str, target: Deployment) -> Order:
    """Return what a deployment ordered: its templates as they are stored, its parameters.

    Costs a call to S3 for each template. Raises ``DeliveryError`` where one is no longer there.
    """
    templates = _stored(place, {target.template_url: PARENT})
    return _order(system, environment, templates, target.parameters)


def order_of_stack(
    place: Place, system: "System", environment: str, stack: Stack, changed: Mapping[str, str]
) -> Order:
    """Return what would give a stack again what it has, but for the ``changed`` parameters.

    Costs a call to CloudFormation, and one to S3 for each nested template. Raises ``DeliveryError``
    where one is no longer there.
    """
    with explained():
        parent = template(place.aws, stack.id)
    children = _rename(properties for _, properties, _ in nested(parent))
    known = {name: value for name, value in stack.parameters.items() if not masked(value)}
    templates = {PARENT: parent, **_stored(place, children)}
    return _order(system, environment, templates, {**known, **changed})


def _order(
    system: "System", environment: str, templates: Mapping[str, Node], parameters: Mapping[str, str]
) -> Order:
    return Order(
        system=system.name,
        services=(),  # those of then are in the templates
        templates={name: json.dumps(body).encode() for name, body in templates.items()},
        environment=environment,
        parameters=parameters,
        file_tags={},
        given_tags={},
        ci={},
        profile=system.profile,
    )


def _stored(place: Place, level: dict[str, str]) -> dict[str, Node]:
    """Return templates, whose file names are given by URL, and all that they nest by file name, as
    builds name them.
    """
    _ = place.aws.s3  # boto3 makes clients on one thread only
    found: dict[str, Node] = {}
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        while level:
            read = dict(zip(level, pool.map(lambda url: _read(place, url), level), strict=True))
            children: dict[str, str] = {}
            for url, body in read.items():
                found[level[url]] = body
                children |= _rename(properties for _, properties, _ in nested(body))
            level = children
    return found


def _rename(stacks: Iterable[Node]) -> dict[str, str]:
    """Give nested stacks the file names that builds give; return these by URL."""
    names = {}
    for properties in stacks:
        url = str(properties["TemplateURL"])
        names[url] = re.sub(rf"-[0-9a-f]{{{HASH_DIGITS}}}\.json$", ".json", url.rpartition("/")[2])
        properties["TemplateURL"] = names[url]
    return names


def _read(place: Place, url: str) -> Node:
    bucket, _, key = unquote(urlsplit(url).path).lstrip("/").partition("/")
    with explained():
        try:
            answer = place.aws.s3.get_object(
                Bucket=bucket, Key=key, ExpectedBucketOwner=place.bucket_owner or place.aws.account
            )
        except ClientError as error:
            if error_code(error) not in _MISSING:
                raise
            raise DeliveryError(
                f"A template of that deployment is no longer there: {url}. "
                "Choose another deployment with --to: ./deploy.sh rollback --list shows them."
            ) from error
        body: Any = json.loads(answer["Body"].read())
    return dict(body)
