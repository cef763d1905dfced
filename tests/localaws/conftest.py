"""An empty account of the local AWS for each test of this folder."""

import itertools

import pytest

from localaws import LocalAws

pytest.register_assert_rewrite("tests.localaws.readback")

from tests.localaws.stacks import Stacks  # noqa: E402  after its helpers are registered

_numbers = itertools.count(210_000_000_000)


@pytest.fixture
def stacks(local_aws: LocalAws) -> Stacks:
    """CloudFormation of an account that nobody has used before."""
    return Stacks(local_aws.session(account=str(next(_numbers))))
