"""What tests of several folders use, and what makes all of them faster."""

import gc
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.loaders import Loader

from delivery import polling
from localaws import LocalAws
from localaws.clients import loader


def _shared_loader(search_path_string: str | None = None) -> Loader:  # noqa: ARG001
    return loader()


botocore.session.create_loader = _shared_loader
"""Sessions that commands make read botocore's descriptions of services once per process too."""

polling.FIRST = 0.02
"""Seconds: a local AWS has done what commands wait for sooner than AWS would."""


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays, and look at the rest less often.

    Half of the time would go to it: modules, schemas of cfn-lint and models of botocore are
    millions of objects that live until the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 50)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a process; each takes accounts that nobody else uses."""
    with LocalAws(enforce_iam=True) as aws:
        yield aws
