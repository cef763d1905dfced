"""boto3 clients of a local AWS: any 12 digits are an account, and each one starts empty."""

from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

DEFAULT_ACCOUNT = "000000000001"
DEFAULT_REGION = "us-east-1"

NO_SECRET = "local"  # noqa: S105  nothing checks it

# A local server answers at once or is broken: waiting for a retry only hides it.
_CONFIG = Config(
    retries={"max_attempts": 0}, s3={"addressing_style": "path"}, max_pool_connections=4
)


@dataclass(frozen=True)
class LocalSession:
    """One account and region of the local AWS at `endpoint_url`."""

    endpoint_url: str
    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION

    def client(self, service: str) -> Any:
        """Return a boto3 client of `service`, perhaps one that others use too."""
        return _client(self, service)

    def boto_session(self) -> boto3.Session:
        """Return a boto3 session of this account, for what makes clients of its own."""
        return boto3.Session(
            aws_access_key_id=self.account,
            aws_secret_access_key=NO_SECRET,
            region_name=self.region,
            botocore_session=core(),
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point any AWS tool at this account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": NO_SECRET,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
        }


@lru_cache(maxsize=64)  # to make one takes longer than most calls; each holds a connection
def _client(session: LocalSession, service: str) -> Any:
    with _lock:
        return _shared_session().client(
            service,  # type: ignore[call-overload]
            region_name=session.region,
            endpoint_url=session.endpoint_url,
            aws_access_key_id=session.account,
            aws_secret_access_key=NO_SECRET,
            config=_CONFIG,
        )


_lock = Lock()  # a session must not make two clients at the same time


@cache
def _shared_session() -> boto3.Session:
    return boto3.Session(botocore_session=core())


def core() -> botocore.session.Session:
    """Return a new botocore session that reads no description of a service again."""
    core = botocore.session.get_session()
    core.register_component("data_loader", loader())
    return core


@cache
def loader() -> Loader:
    """Return what reads botocore's descriptions of the services, each of them once per process."""
    return create_loader()
