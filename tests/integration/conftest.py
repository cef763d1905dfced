"""An empty account for each site, and both reference systems deployed to look at."""

import itertools
from collections.abc import Callable

import pytest

from localaws import LocalAws, LocalSession
from tests.integration.deployed import Site, digests
from tests.systems_under_test import REFERENCES, SYSTEMS, described

NewSite = Callable[[str], Site]

VARIANTS = [name for name in SYSTEMS if name.partition("/")[0] in REFERENCES]

_accounts = itertools.count(200_000_000_000)


@pytest.fixture
def new_account(local_aws: LocalAws) -> LocalSession:
    """An account that nobody has used before."""
    return local_aws.session(account=f"{next(_accounts)}")


@pytest.fixture(scope="session")
def new_site(local_aws: LocalAws) -> NewSite:
    """Return a function that prepares an empty account for a system."""

    def make(system: str) -> Site:
        site = Site(described(system), local_aws.session(account=f"{next(_accounts)}"))
        site.prepare()
        return site

    return make


@pytest.fixture(scope="session")
def sites(new_site: NewSite) -> dict[str, Site]:
    """Both reference systems in both profiles, deployed. Tests look at them and change nothing."""
    made = {}
    for system in VARIANTS:
        site = new_site(system)
        site.deploy()
        site.deploy(digests(site.system))
        made[system] = site
    return made


@pytest.fixture(params=VARIANTS)
def site(request: pytest.FixtureRequest, sites: dict[str, Site]) -> Site:
    return sites[request.param]


@pytest.fixture(params=REFERENCES)
def production(request: pytest.FixtureRequest, sites: dict[str, Site]) -> Site:
    return sites[request.param]


@pytest.fixture
def gateway(sites: dict[str, Site]) -> Site:
    return sites["gateway"]


@pytest.fixture
def payments(sites: dict[str, Site]) -> Site:
    return sites["payments"]
