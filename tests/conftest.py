"""What tests of several folders use, and what makes all of them faster."""

import gc
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.loaders import Loader

from checks.linting.linter import Linter
from delivery import polling
from localaws import LocalAws
from localaws.clients import loader
from tests.builds import built


def _shared_loader(search_path_string: str | None = None) -> Loader:  # noqa: ARG001
    return loader()


botocore.session.create_loader = _shared_loader
"""Sessions that commands make read botocore's descriptions of services once per process too."""

polling.FIRST = 0.02
"""Seconds: a local AWS has done what commands wait for sooner than AWS would."""


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays, and look at the rest less often: at what is
    new while it is still in the processor's cache, at the rest hardly ever.

    Half of the time would go to it: modules, schemas of cfn-lint and models of botocore are
    millions of objects that live until the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 100, 50)


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Commands build a system once per process while nothing of it has changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("delivery.sources.build", built)
        yield


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a process; each takes accounts that nobody else uses."""
    with LocalAws(enforce_iam=True) as aws:
        yield aws


@pytest.fixture
def unlinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cfn-lint finds nothing and is not even started: for tests of all else that a build does."""
    monkeypatch.setattr("checks.build.take", lambda _: None)
    monkeypatch.setattr(Linter, "_start", lambda _: None)
    monkeypatch.setattr(Linter, "lint", lambda *_, **__: [])
