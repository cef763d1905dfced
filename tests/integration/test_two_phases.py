"""A first deployment: what comes before the images, and what comes with them."""

import pytest

from templates.names import pascal
from tests.integration.conftest import NewSite
from tests.integration.deployed import digests
from tests.systems_under_test import REFERENCES


@pytest.mark.parametrize("system", REFERENCES)
def test_before_any_image_there_is_all_that_does_not_need_one(
    system: str, new_site: NewSite
) -> None:
    site = new_site(system)
    deployed = site.deploy()

    assert deployed.stack.status == "CREATE_COMPLETE"
    assert deployed.review.missing_images == tuple(site.system.services)
    assert "Vpc" in site.resources()
    assert site.resources("AWS::ECS::Service") == site.resources("AWS::ECS::TaskDefinition")
    assert not site.resources("AWS::ECS::Service")
    if site.system.registry.mode == "create":
        assert len(site.client("ecr").describe_repositories()["repositories"]) == 3


@pytest.mark.parametrize("system", REFERENCES)
def test_services_join_when_their_images_are_known(system: str, new_site: NewSite) -> None:
    site = new_site(system)
    before = site.deploy().stack.outputs
    after = site.deploy(digests(site.system)).stack.outputs

    assert before.items() < after.items()
    for name in site.system.services:
        assert f"{pascal(name)}ServiceName" not in before
        assert after[f"{pascal(name)}ServiceName"] == f"{name}-test"


@pytest.mark.parametrize("system", REFERENCES)
def test_a_second_deployment_finds_nothing_to_do(system: str, new_site: NewSite) -> None:
    site = new_site(system)
    site.deploy(digests(site.system))

    assert site.deploy().review.change_set is None
    assert site.deploy(digests(site.system)).review.change_set is None


def test_a_service_that_is_added_waits_for_its_image_and_leaves_the_others_alone(
    new_site: NewSite,
) -> None:
    site = new_site("gateway")
    known = digests(site.system)
    site.deploy(known)
    before = site.resources("AWS::ECS::Service")
    ledger = site.system.services["fraud-detector"]
    site.system = site.system.model_copy(
        update={"services": {**site.system.services, "ledger": ledger}}
    )
    deployed = site.deploy()

    assert deployed.review.missing_images == ("ledger",)
    assert "LedgerServiceName" not in deployed.stack.outputs
    assert site.resources("AWS::ECS::Service") == before
    assert "payment-ledger-test" in {
        one["repositoryName"] for one in site.client("ecr").describe_repositories()["repositories"]
    }

    deployed = site.deploy(digests(site.system))
    assert deployed.stack.outputs["LedgerServiceName"] == "ledger-test"
    assert len(site.resources("AWS::ECS::Service")) == 4
