"""One local AWS for all tests of this folder, and an empty account for each of them."""

import itertools
from collections.abc import Iterator

import pytest

from localaws import LocalAws

pytest.register_assert_rewrite("tests.localaws.readback")

from tests.localaws.stacks import Stacks  # noqa: E402  after its helpers are registered

_numbers = itertools.count(210_000_000_000)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def stacks(local_aws: LocalAws) -> Stacks:
    """CloudFormation of an account that nobody has used before."""
    return Stacks(local_aws.session(account=str(next(_numbers))))
