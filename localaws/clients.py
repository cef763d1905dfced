"""boto3 clients of a local AWS: any 12 digits are an account, and each one starts empty."""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

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

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of `service`; `options` are boto3's own."""
        config = _CONFIG.merge(options.pop("config", Config()))
        with _lock:
            return _boto_session().client(
                service,  # type: ignore[call-overload]
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=self.account,
                aws_secret_access_key=NO_SECRET,
                config=config,
                **options,
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


@cache
def _boto_session() -> boto3.Session:
    """Return the one session of the process: it reads each service's description once."""
    return boto3.Session()


_lock = Lock()  # a session must not make two clients at the same time
