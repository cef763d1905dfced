"""AWS clients from the ordinary credential chain, and what their errors mean."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import botocore.exceptions as failures

from delivery import denied
from delivery.errors import DeliveryError, InputError
from delivery.pace import Pace

# boto3 is imported where it is needed: not every command calls AWS.
if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

UPLOADS_AT_ONCE = 16

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Aws:
    """One account and region, reached with one set of credentials."""

    session: "boto3.Session"
    region: str
    endpoint_url: str | None = None

    @classmethod
    def connect(
        cls, region: str | None = None, profile: str | None = None, endpoint_url: str | None = None
    ) -> Self:
        """Find credentials and region the way the aws CLI does, AWS_REGION included, which boto3
        does not read. Calls nothing yet.

        Raises ``InputError`` for an unknown profile and where no region is set.
        """
        import boto3

        region = region or os.environ.get("AWS_REGION")
        with explained():
            session = boto3.Session(region_name=region, profile_name=profile)
        return cls.over(session, endpoint_url)

    @classmethod
    def over(cls, session: "boto3.Session", endpoint_url: str | None = None) -> Self:
        """Use a session as it is.

        Raises ``InputError`` where it has no region, or the endpoint no port that is a number.
        """
        if not session.region_name:
            raise InputError(
                "No AWS region is set. Give --region, set AWS_REGION, or put it in the profile."
            )
        with _connecting():
            _ = urlsplit(endpoint_url).port  # botocore looks at it only when it calls
        return cls(session, session.region_name, endpoint_url)

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        more = {"s3": {"addressing_style": "path"}} if self.endpoint_url else {}
        with _connecting():
            return self.session.client("s3", endpoint_url=self.endpoint_url, config=_config(**more))

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """AWS CloudFormation, which is called at the pace that it bears: repeated calls count too.

        One on this machine bears any.
        """
        with _connecting():
            made = self.session.client(
                "cloudformation", endpoint_url=self.endpoint_url, config=_config()
            )
        if urlsplit(made.meta.endpoint_url).hostname not in _THIS_MACHINE:
            pace = Pace()
            made.meta.events.register("before-send.cloudformation", lambda **_: pace.wait())
        return made

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        """Return the client of another service, by its name in boto3."""
        if service not in self._clients:
            with _connecting():
                self._clients[service] = self.session.client(
                    service,  # type: ignore[call-overload]  # any of them
                    endpoint_url=self.endpoint_url,
                    config=_config(),
                )
        return self._clients[service]

    @cached_property
    def account(self) -> str:
        """The 12-digit id of the account that the credentials belong to (one call to STS)."""
        with _connecting():
            sts = self.session.client("sts", endpoint_url=self.endpoint_url, config=_config())
        with explained():
            return sts.get_caller_identity()["Account"]

    @property
    def cli_options(self) -> str:
        """The options with which a command of the aws CLI reaches the same place."""
        options = ["--region", self.region]
        if self.session.profile_name != "default":
            options += ["--profile", self.session.profile_name]
        if self.endpoint_url:
            options += ["--endpoint-url", self.endpoint_url]
        return shlex.join(options)

    @cached_property
    def s3_url(self) -> str:
        """Where CloudFormation reads this region's buckets: path-style, no slash at the end."""
        return f"https://s3.{self.region}.{self.dns_suffix}"

    @property
    def dns_suffix(self) -> str:
        """The domain that the endpoints of the region's partition end with."""
        return _dns_suffix(self.partition)

    @property
    def partition(self) -> str:
        """What the region belongs to, as ARNs have it: ``aws``, ``aws-cn`` and so on."""
        return self.session.get_partition_for_region(self.region)


def _config(**more: Any) -> "Config":
    from botocore.config import Config

    return Config(
        # Not adaptive, which AWS calls experimental: it slows down only after a refusal, and calls
        # to S3 or ECR need no such care. CloudFormation is not called too often (delivery.pace).
        retries={"mode": "standard", "total_max_attempts": 5},
        connect_timeout=10,
        max_pool_connections=UPLOADS_AT_ONCE,
        user_agent_extra="payment-stacks",
        **more,
    )


def _dns_suffix(partition: str) -> str:
    """Return the domain that a partition's endpoints end with, as botocore's own data has it."""
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    return next(str(p["outputs"]["dnsSuffix"]) for p in partitions if p["id"] == partition)


def error_code(error: failures.ClientError) -> str:
    """Return the code that the service answered with, e.g. ``NoSuchBucket``."""
    return error.response.get("Error", {}).get("Code", "")


def error_message(error: failures.ClientError) -> str:
    """Return the text that the service answered with."""
    return error.response.get("Error", {}).get("Message", "")


@contextmanager
def explained() -> Iterator[None]:
    """Turn what botocore raises inside the block into a ``DeliveryError`` that says what to do."""
    try:
        yield
    except failures.ClientError as error:
        raise _answered(error) from error
    except failures.BotoCoreError as error:
        raise _unanswered(error) from error


@contextmanager
def _connecting() -> Iterator[None]:
    """Explain also what botocore raises where an endpoint is no URL."""
    with explained():
        try:
            yield
        except failures.BotoCoreError:
            raise  # some of them are a ValueError too
        except ValueError as error:
            raise InputError(
                f"{error}. Give a URL such as http://127.0.0.1:4566 as the endpoint."
            ) from error


_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN = {
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"}
_BROKEN = 500
"""From this HTTP status on it is the service that failed."""


def _status(error: failures.ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def passes(error: DeliveryError) -> bool:
    """Return whether the same call may succeed in a moment: nobody answered, or too many asked."""
    cause = error.__cause__
    if isinstance(cause, failures.ClientError):
        return error_code(cause) in _THROTTLED or _status(cause) >= _BROKEN
    return isinstance(cause, (failures.HTTPClientError, failures.ConnectionError))


def _answered(error: failures.ClientError) -> DeliveryError:
    """Explain an error that a service answered with."""
    code, said = error_code(error), error_message(error).rstrip(".")
    operation = error.operation_name
    if code in _EXPIRED:
        return DeliveryError(
            f"The AWS credentials have expired: {operation} answered {code}. "
            "Sign in again (for example: aws sso login) and repeat the command."
        )
    if code in _UNKNOWN:
        return DeliveryError(
            f"AWS does not accept the credentials: {operation} answered {code}. "
            "Check them with: aws sts get-caller-identity"
        )
    if code in DENIED or denied.denial(said):
        return DeliveryError(denied.explained(operation, said))
    if code in _THROTTLED:
        return DeliveryError(
            f"AWS asks for fewer calls: {operation} answered {code} to every attempt. "
            "Wait a minute and repeat the command; it continues where it stopped."
        )
    if _status(error) >= _BROKEN:
        return DeliveryError(
            f"AWS is in trouble: {operation} answered {code} to every attempt. "
            "Wait a minute and repeat the command; it continues where it stopped."
        )
    return DeliveryError(f"AWS refused {operation}: {said} ({code}).")


def _unanswered(error: failures.BotoCoreError) -> DeliveryError:
    """Explain an error that happened before a service answered."""
    said = str(error).rstrip(".")
    match error:
        case failures.NoCredentialsError() | failures.PartialCredentialsError():
            return DeliveryError(
                f"No AWS credentials: {said}. "
                "Run aws configure, set AWS_PROFILE, or give --profile."
            )
        case failures.ProfileNotFound():
            return InputError(
                f"Unknown profile: {said}. List them with: aws configure list-profiles"
            )
        case (
            failures.TokenRetrievalError()
            | failures.UnauthorizedSSOTokenError()
            | failures.SSOTokenLoadError()
            | failures.CredentialRetrievalError()
        ):
            return DeliveryError(
                f"The AWS credentials could not be fetched: {said}. "
                "Sign in again (for example: aws sso login) and repeat the command."
            )
        case failures.InvalidRegionError() | failures.UnknownRegionError():
            return InputError(f"Not an AWS region: {said}. Check --region.")
        case failures.ParamValidationError():
            return InputError(said)
        case failures.HTTPClientError() | failures.ConnectionError():
            return DeliveryError(
                f"AWS cannot be reached: {said}. "
                "Check the network, --region and --endpoint-url, then repeat the command."
            )
    return DeliveryError(f"The call to AWS failed: {said}.")
