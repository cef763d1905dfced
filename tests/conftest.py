"""What tests of several folders use, and what makes all of them faster."""

import gc
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import Loader

from delivery import polling
from localaws import LocalAws
from localaws.clients import loader
from tests.builds import built, without_lint


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
def _once_per_process() -> Iterator[None]:
    """What commands make anew each time, although it is the same, is made once per process: a
    system's build, and of botocore each service's class and the names of events.
    """
    made = vars(ClientCreator)["_create_client_class"]
    classes: dict[str, type] = {}

    def client_class(creator: ClientCreator, service: str, model: object) -> type:
        if service not in classes:
            classes[service] = made(creator, service, model)
        return classes[service]

    name = cache(
        vars(EventAliaser)["_alias_event_name"].__get__(EventAliaser(HierarchicalEmitter()))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("delivery.sources.build", built)
        patch.setattr(ClientCreator, "_create_client_class", client_class)
        patch.setattr(EventAliaser, "_alias_event_name", lambda _, event: name(event))
        yield


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests of a process; each takes accounts that nobody else uses."""
    with LocalAws(enforce_iam=True) as aws:
        yield aws


@pytest.fixture
def unlinted() -> Iterator[None]:
    """Cfn-lint finds nothing and is not even started: for tests of all else that a build does."""
    with without_lint():
        yield
