"""Looks whether every image that would run is in its repository, and will stay there."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from delivery import lifecycle
from delivery.aws import DENIED, error_code
from delivery.preflight.results import Result, later, ok, problem, unknown
from delivery.preflight.subject import Image, Subject

_AT_ONCE = 8
"""Repositories that are looked at at the same time. ECR allows far more calls a second."""


def check(it: Subject) -> Iterator[Result]:
    """Look for each image by its digest: a call for each repository, with up to 1,000 images."""
    waiting = sorted(set(it.order.services) - {image.service for image in it.images})
    _ = it.aws.client("ecr")  # boto3 makes clients on one thread only
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from chain.from_iterable(pool.map(partial(_looked_for, it), it.images))
    if waiting:
        yield later(f"without an image: {', '.join(waiting)}. Left out until there is one")


def stored(it: Subject, image: Image) -> list[lifecycle.Image] | None:
    """Return the images of a repository; None where there is no such repository."""
    pages = it.aws.client("ecr").get_paginator("describe_images")
    which = {"registryId": image.account, "repositoryName": image.repository}
    try:
        return [
            lifecycle.Image(
                one["imageDigest"],
                (datetime.now(UTC) - one["imagePushedAt"]).days,
                tuple(one.get("imageTags", ())),
            )
            for page in pages.paginate(**which, PaginationConfig={"PageSize": 1000})
            for one in page["imageDetails"]
        ]
    except ClientError as error:
        if error_code(error) == "RepositoryNotFoundException":
            return None
        raise


def _looked_for(it: Subject, image: Image) -> list[Result]:
    return list(_image(it, image))


def _image(it: Subject, image: Image) -> Iterator[Result]:
    found = stored(it, image)
    if found is None:
        yield problem(
            f"{image.service}: there is no repository {image.repository} in account "
            f"{image.account}. Deploy without this image first, which makes it, then push."
        )
        return
    if image.digest not in {one.digest for one in found}:
        yield problem(
            f"{image.service}: {image.digest} is not in {image.repository}. "
            "Push it, or deploy one that is there with --image."
        )
        return
    try:
        policy = _policy(it, image)
        expires = policy is not None and lifecycle.expires_soon(policy, found, image.digest)
    except (ValueError, KeyError, TypeError) as error:
        yield unknown(f"{image.service}: the lifecycle policy of {image.repository}: {error}")
        return
    if expires:
        yield problem(
            f"{image.service}: the lifecycle policy of {image.repository} lets {image.digest} "
            f"expire within {lifecycle.DAYS} days or {lifecycle.PUSHES} pushes, and no task could "
            "start any more. Push it again under a new tag, or choose another."
        )
    else:
        yield ok(f"{image.service} is in {image.repository}")


def _policy(it: Subject, image: Image) -> dict[str, Any] | None:
    """Return the lifecycle policy of a repository: ours, or the one that it has."""
    for resource in it.system.resources.values():
        if (
            resource.type == "AWS::ECR::Repository"
            and resource.properties["RepositoryName"] == image.repository
        ):
            text = resource.properties["LifecyclePolicy"]["LifecyclePolicyText"]
            return dict(json.loads(text))
    try:
        found = it.aws.client("ecr").get_lifecycle_policy(
            registryId=image.account, repositoryName=image.repository
        )
    except ClientError as error:
        if error_code(error) == "LifecyclePolicyNotFoundException":
            return None
        if error_code(error) in DENIED:
            raise ValueError("it may not be read, which takes ecr:GetLifecyclePolicy") from error
        raise
    return dict(json.loads(found["lifecyclePolicyText"]))
