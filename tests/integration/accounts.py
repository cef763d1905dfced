"""The gateway's accounts for those who run commands, and who they are."""

import pytest

from description.model import System
from localaws import LocalSession
from localaws.deploy import make_certificate
from tests import principals

GATEWAY = ("gateway", "dev")
SERVICES = ("api-gateway", "payment-processor", "fraud-detector")


def bucket(session: LocalSession) -> str:
    """Return the name of an account's bucket of templates."""
    return f"payment-stacks-{session.account}-{session.region}"


def prepare(session: LocalSession, system: System) -> None:
    """Make certificates and the role that CloudFormation acts with."""
    for environment in ("dev", "prod"):
        make_certificate(session, f"/payment/gateway/{environment}/certificate-arn")
    principals.make_execution_role(session, system, bucket(session))


def loosen(session: LocalSession) -> None:
    """Take away what makes the bucket safe, which bootstrap puts back."""
    s3, name = session.client("s3"), bucket(session)
    s3.delete_public_access_block(Bucket=name)
    s3.delete_bucket_encryption(Bucket=name)
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)


def become(
    who: principals.Credentials, session: LocalSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the command line be theirs."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in {**session.environment, **who.environment}.items():
        monkeypatch.setenv(name, value)
