"""Systems beside the reference ones, and beside one another."""

import dataclasses

import pytest

from tests.integration.conftest import NewSite
from tests.integration.deployed import ALARM_EMAIL, digests
from tests.resolved import as_deployed
from tests.systems_under_test import FILES, REFERENCES, described, rendered

OTHERS = sorted(FILES.keys() - set(REFERENCES))


@pytest.mark.parametrize("system", OTHERS)
def test_another_description_deploys_with_no_new_python(system: str, new_site: NewSite) -> None:
    site = new_site(system)
    site.deploy()
    deployed = site.deploy(digests(site.system))

    assert deployed.stack.status == "UPDATE_COMPLETE"
    assert deployed.review.missing_images == ()
    stacks = site.resources("AWS::CloudFormation::Stack").keys()
    wanted = as_deployed(rendered(system), AlarmEmail=ALARM_EMAIL)
    assert site.resources().keys() - stacks == wanted.keys()
    assert len(site.resources("AWS::ECS::Service")) == len(site.system.services)


def test_one_of_the_others_has_twelve_services() -> None:
    assert max(len(described(system).services) for system in OTHERS) == 12


def test_both_reference_systems_share_an_account_and_an_environment(new_site: NewSite) -> None:
    gateway = new_site("gateway")
    payments = dataclasses.replace(gateway, system=described("payments"))
    payments.prepare_system()
    for site in (gateway, payments):
        site.deploy()
        assert site.deploy(digests(site.system)).stack.status == "UPDATE_COMPLETE"

    gateway.destroy()

    assert gateway.stack() is None
    assert payments.deploy(digests(payments.system)).review.change_set is None
