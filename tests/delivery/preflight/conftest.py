"""The gateway in accounts of the local AWS: one with nothing in it, one with all that it needs."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from delivery import sources
from delivery.deployment import Order, Place
from delivery.preflight.results import Result, State
from delivery.preflight.run import run
from localaws import LocalSession
from localaws.deploy import connect

Look = Callable[..., list[Result]]


@pytest.fixture(scope="package")
def order() -> Order:
    return sources.order(sources.describe("gateway", "dev"), "dev", sources.Wishes(), ci={})


def place(session: LocalSession) -> Place:
    bucket = f"payment-stacks-{session.account}-{session.region}"
    return Place(connect(session), bucket, "templates", Console(file=io.StringIO(), width=400))


def messages(results: list[Result], state: State, check: str) -> list[str]:
    """Return what a check found in one state."""
    return [one.message for one in results if (one.state, one.check) == (state, check)]


@pytest.fixture
def look(order: Order) -> Look:
    """Return a function that runs all checks in an account, with more parameters if given."""

    def looked(session: LocalSession, skip: tuple[str, ...] = (), **more: str) -> list[Result]:
        wanted = replace(order, parameters={**order.parameters, **more})
        return run(place(session), wanted, skip)

    return looked
