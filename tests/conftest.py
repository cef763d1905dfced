"""What tests of several folders use."""

from collections.abc import Iterator

import pytest

from localaws import LocalAws


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a process; each takes accounts that nobody else uses."""
    with LocalAws() as aws:
        yield aws
