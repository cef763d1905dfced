"""Repositories of images in Amazon ECR."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from delivery.aws import Aws, error_code, explained
from delivery.errors import InputError

if TYPE_CHECKING:
    from description.model import System

_ABSENT = {"RepositoryNotFoundException", "ImageNotFoundException"}


@dataclass(frozen=True)
class Stored:
    """An image in a repository."""

    digest: str
    tags: tuple[str, ...]
    pushed: datetime


def repository_name(system: "System", service: str, environment: str) -> str:
    """Return the name of the repository that a service's image is pulled from."""
    if system.registry.mode == "create":
        return f"{system.name_prefix}-{service}-{environment}"
    return system.services[service].repository or service


def registry_host(aws: Aws, account: str = "") -> str:
    """Return the host of an account's registry in this region; none given: this account's."""
    suffix = aws.dns_suffix
    return f"{account or aws.account}.dkr.ecr.{aws.region}.{suffix}"


def find(aws: Aws, repository: str, account: str, image: str) -> Stored | None:
    """Return the image of that digest or tag; None where there is none.

    ``account`` owns the repository; empty: the one that signs the calls.
    """
    kind = "imageDigest" if image.startswith("sha256:") else "imageTag"
    owner = {"registryId": account} if account else {}
    with explained():
        try:
            found = aws.client("ecr").describe_images(
                repositoryName=repository, imageIds=[{kind: image}], **owner
            )["imageDetails"]
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            raise
    if not found:
        return None
    one = found[0]
    pushed = one["imagePushedAt"].astimezone(UTC)
    return Stored(one["imageDigest"], tuple(sorted(one.get("imageTags", ()))), pushed)


def digest_of(aws: Aws, repository: str, account: str, tag: str) -> str:
    """Return the digest that a tag stands for. Raises ``InputError`` where there is no such tag."""
    found = find(aws, repository, account, tag)
    if found is None:
        raise InputError(
            f"There is no image {tag} in {repository}, {aws.region}. Push it first, or see what is "
            f"there with: aws ecr list-images --repository-name {repository} {aws.cli_options}"
        )
    return found.digest
