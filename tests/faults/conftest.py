"""Shops in accounts of their own, all behind one proxy, and how one is that nothing disturbs."""

from collections.abc import Iterator

import pytest

from localaws import LocalAws
from tests.faults.proxy import Proxy
from tests.faults.runs import Program
from tests.faults.shop import Shop, Undisturbed, open_shop, undisturbed


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """``./deploy.sh``, loaded."""
    with Program(tmp_path_factory.mktemp("till")) as program:
        yield program


@pytest.fixture(scope="session")
def proxy(local_aws: LocalAws) -> Iterator[Proxy]:
    with Proxy(local_aws.endpoint_url) as proxy:
        yield proxy


@pytest.fixture
def shop(local_aws: LocalAws, proxy: Proxy, program: Program) -> Shop:
    """An empty account with a bucket."""
    proxy.forget()
    return open_shop(local_aws, proxy, program)


@pytest.fixture(scope="session")
def peace(local_aws: LocalAws, proxy: Proxy, program: Program) -> dict[str, Undisturbed]:
    """What each phase makes of a shop that nothing disturbs."""
    return undisturbed(open_shop(local_aws, proxy, program))
