"""A local AWS for all tests of delivery, and an empty account for each of them."""

import itertools
from collections.abc import Iterator

import boto3
import pytest

from delivery.aws import Aws
from localaws import LocalAws, LocalSession

_numbers = itertools.count()


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def account(local_aws: LocalAws) -> LocalSession:
    """An account that nobody has used before."""
    return local_aws.session(account=f"{100_000_000_000 + next(_numbers)}")


@pytest.fixture
def aws(account: LocalSession) -> Aws:
    return connect(account)


def connect(account: LocalSession) -> Aws:
    session = boto3.Session(
        aws_access_key_id=account.account,
        aws_secret_access_key="local",  # noqa: S106  no secret: the local AWS takes any
        region_name=account.region,
    )
    return Aws.over(session, account.endpoint_url)


@pytest.fixture
def bucket(account: LocalSession) -> str:
    name = f"templates-{account.account}"
    account.client("s3").create_bucket(Bucket=name)
    return name
