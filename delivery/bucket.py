"""The bucket of the templates: made where there is none, mended where it is not as it should be.

What else is set there (other statements of its policy, other lifecycle rules, a key) stays.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from rich.console import Console

from delivery.aws import DENIED, Aws, error_code, explained
from delivery.denied import RIGHTS
from delivery.errors import DeliveryError
from delivery.given import connect
from delivery.output import data, tell
from delivery.publish import default_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef

KEPT_DAYS = 90
"""How long an overwritten or deleted template can be brought back."""
UNFINISHED_DAYS = 7

_TLS_ONLY = "DenyInsecureTransport"
_EXPIRY = "expire-old-versions"
_NOTHING = {
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
}
"""What S3 answers where a setting was never made."""


def run(given: argparse.Namespace, console: Console) -> int:
    """Make the bucket, or mend it, and print its name; return the exit code."""
    aws = connect(given)
    name = given.bucket or default_bucket(aws)
    done = 0
    for step in bootstrap(aws, name, given.bucket_owner):
        tell(console, f"{name}: {step}")
        done += 1
    if not done:
        tell(console, f"{name}: is as it should be")
    data(name)
    return 0


def bootstrap(aws: Aws, bucket: str, owner: str | None = None) -> Iterator[str]:
    """Make the bucket or mend it; yield what was done, nothing where all was right.

    ``owner`` is the account that must own it; none given: the one that signs the calls.
    Raises ``DeliveryError`` where the name belongs to somebody else, or the bucket is elsewhere.
    """
    it = _Bucket(aws, bucket, owner or aws.account)
    with explained():
        if not it.exists():
            it.make()
            yield "made"
        for name, mend in _SETTINGS:
            if mend(it):
                yield name


def exists(aws: Aws, bucket: str, owner: str | None = None) -> bool:
    """Return whether the bucket is there. Raises ``DeliveryError`` where it is not ours, or in
    another region.
    """
    with explained():
        return _Bucket(aws, bucket, owner or aws.account).exists()


@dataclass(frozen=True)
class _Bucket:
    """A bucket, and whose it must be."""

    aws: Aws
    name: str
    owner: str

    @property
    def arn(self) -> str:
        return f"arn:{self.aws.partition}:s3:::{self.name}"

    @property
    def which(self) -> dict[str, Any]:
        """The arguments of every call about it."""
        return {"Bucket": self.name, "ExpectedBucketOwner": self.owner}

    def exists(self) -> bool:
        """Return whether it is there and ours. Raises ``DeliveryError`` if it is not ours."""
        try:
            self.aws.s3.head_bucket(**self.which)
        except ClientError as error:
            code = error_code(error)
            if code in {"404", "NoSuchBucket", "NotFound"}:
                return False
            if code in {"301", "PermanentRedirect"}:
                raise self._elsewhere(error) from error
            if code in DENIED | {"Forbidden"}:
                raise self._foreign() from error
            raise
        return True

    def make(self) -> None:
        region = self.aws.region
        # us-east-1 is the one region that S3 does not take as a constraint.
        place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self.aws.s3.create_bucket(Bucket=self.name, **({} if region == "us-east-1" else place))
        except ClientError as error:
            if error_code(error) == "BucketAlreadyExists":
                raise self._foreign() from error
            if error_code(error) != "BucketAlreadyOwnedByYou":
                raise

    def setting(self, read: Callable[..., Any]) -> Any:
        """Return what a call answers about it; None where that was never set."""
        try:
            return read(**self.which)
        except ClientError as error:
            if error_code(error) in _NOTHING:
                return None
            raise

    def _foreign(self) -> DeliveryError:
        return DeliveryError(
            f"The bucket {self.name} cannot be used: it does not belong to account {self.owner}, "
            f"or you may not see it, which takes s3:ListBucket ({RIGHTS}). Choose another name "
            "with --bucket, or give --bucket-owner."
        )

    def _elsewhere(self, error: ClientError) -> DeliveryError:
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        home = headers.get("x-amz-bucket-region", "another region")
        return DeliveryError(
            f"The bucket is in another region: {self.name} is in {home}, not in "
            f"{self.aws.region}. Choose another name with --bucket, or use --region {home}."
        )


def _block_public_access(it: _Bucket) -> bool:
    wanted: PublicAccessBlockConfigurationTypeDef = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    found = it.setting(it.aws.s3.get_public_access_block) or {}
    if found.get("PublicAccessBlockConfiguration") == wanted:
        return False
    it.aws.s3.put_public_access_block(PublicAccessBlockConfiguration=wanted, **it.which)
    return True


def _own_objects(it: _Bucket) -> bool:
    wanted: list[Any] = [{"ObjectOwnership": "BucketOwnerEnforced"}]
    found = it.setting(it.aws.s3.get_bucket_ownership_controls) or {}
    if found.get("OwnershipControls", {}).get("Rules") == wanted:
        return False
    it.aws.s3.put_bucket_ownership_controls(OwnershipControls={"Rules": wanted}, **it.which)
    return True


def _version(it: _Bucket) -> bool:
    if it.setting(it.aws.s3.get_bucket_versioning).get("Status") == "Enabled":
        return False
    it.aws.s3.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **it.which)
    return True


def _encrypt(it: _Bucket) -> bool:
    """Encrypt with S3's own key, unless somebody has chosen one."""
    found = it.setting(it.aws.s3.get_bucket_encryption) or {}
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    if any(rule.get("ApplyServerSideEncryptionByDefault") for rule in rules):
        return False
    it.aws.s3.put_bucket_encryption(
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        **it.which,
    )
    return True


def _demand_tls(it: _Bucket) -> bool:
    wanted = {
        "Sid": _TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [it.arn, f"{it.arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    found = it.setting(it.aws.s3.get_bucket_policy)
    policy: dict[str, Any] = json.loads(found["Policy"]) if found else {"Version": "2012-10-17"}
    statements = policy.get("Statement", [])
    if isinstance(statements, dict):  # a policy may have one statement without a list around it
        statements = [statements]
    if wanted in statements:
        return False
    others = [one for one in statements if one.get("Sid") != _TLS_ONLY]
    policy["Statement"] = [*others, wanted]
    it.aws.s3.put_bucket_policy(Policy=json.dumps(policy), **it.which)
    return True


def _expire(it: _Bucket) -> bool:
    """Let old versions go; current ones are what deployed stacks were made of."""
    wanted: Any = {
        "ID": _EXPIRY,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_DAYS},
    }
    found = it.setting(it.aws.s3.get_bucket_lifecycle_configuration) or {}
    rules: list[Any] = found.get("Rules", [])
    if any({**rule, "Filter": rule.get("Filter") or wanted["Filter"]} == wanted for rule in rules):
        return False
    others = [rule for rule in rules if rule.get("ID") != _EXPIRY]
    it.aws.s3.put_bucket_lifecycle_configuration(
        LifecycleConfiguration={"Rules": [*others, wanted]}, **it.which
    )
    return True


_SETTINGS: tuple[tuple[str, Callable[[_Bucket], bool]], ...] = (
    ("public access blocked", _block_public_access),
    ("objects owned by the bucket's account", _own_objects),
    ("versioning on", _version),
    ("encryption on", _encrypt),
    ("TLS demanded", _demand_tls),
    (f"old versions expire after {KEPT_DAYS} days", _expire),
)
"""What is done, and what does it; each returns whether there was something to do."""
