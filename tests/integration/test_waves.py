"""A system that CloudFormation does not take at once comes, changes and goes in waves."""

import itertools
import re
from dataclasses import replace

import pytest

from checks import quotas
from delivery import deployment, dismantling, removal, waves
from delivery.changes import Change
from delivery.errors import InputError
from delivery.history import History
from delivery.stacks import NESTED
from localaws import LocalAws
from templates.render import render
from tests import many
from tests.integration.deployed import Site, digest, digests

_accounts = itertools.count(210_000_000_000)


def a_site(local_aws: LocalAws, count: int) -> Site:
    site = Site(many.system(count), local_aws.session(account=f"{next(_accounts)}"))
    site.prepare()
    return site


def running(site: Site) -> set[str]:
    return set(site.resources("AWS::ECS::Service"))


def destroy(site: Site) -> None:
    site.deploy(DeletionProtection="false")
    stack = site.stack()
    assert stack
    found = removal.resources(site.place.aws, stack)
    removal.empty(site.place.aws, found)
    dismantling.delete(site.place.aws, site.place.console, stack, found)


def told(site: Site) -> list[str]:
    """Return which waves were told, as ``1 of 3``."""
    found = re.findall(r"wave (\d+ of \d+)", site.log.getvalue())
    site.log.truncate(0)
    return found


def retagged(change: Change) -> bool:
    return any(cause.property.split("/")[0] == "Tags" for cause in change.causes)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let one operation touch a few services only."""
    allowed = 160
    monkeypatch.setattr(waves, "NEST_RESOURCES", allowed)
    monkeypatch.setattr(dismantling, "NEST_RESOURCES", allowed)
    return allowed


@pytest.mark.slow
def test_a_system_comes_and_goes_in_waves(local_aws: LocalAws, room: int) -> None:
    site = a_site(local_aws, 10)
    services = site.system.services

    plan = deployment.plan(site.place, site.order(digests(site.system)))
    assert plan.change_set
    assert 2 <= len(plan.waves) <= 4
    assert len(plan.changes) <= room
    assert plan.missing_images == ()
    total = len(plan.waves)
    assert told(site) == [f"1 of {total}"]

    order = site.order(digests(site.system))
    first = deployment.deploy(site.place, order, plan.change_set.arn)
    assert len(first.review.waves) == total
    assert len(running(site)) == len(plan.waves[0].services) < len(services)

    site.deploy(digests(site.system))
    assert len(running(site)) == len(services)
    records = History(site.place.aws, site.bucket, site.place.prefix, first.stack.name).of(
        first.stack
    )
    assert len(records) == 1, "half a system is nothing to go back to"
    assert told(site) == [f"{number} of {total - 1}" for number in range(1, total - 1)]

    name = min(services)
    deployed = site.deploy({name: digest("new")})
    assert deployed.review.waves[0].services in {(), (name,)}
    assert len(deployed.review.changes) == 3, "the others' images are in the same parameter or not"

    destroy(site)
    assert site.stack() is None
    assert len(told(site)) > 1


def test_other_tags_are_counted_as_they_are_listed_and_refused_where_they_are_too_many(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = a_site(local_aws, 3)
    site.deploy(digests(site.system))
    room = len(site.resources())
    monkeypatch.setattr(waves, "NEST_RESOURCES", room)
    order = replace(site.order({}), given_tags={"CostCentre": "7"})

    tagged = site.system.model_copy(update={"tags": {"CostCentre": "7"}})
    described = replace(site.order({}), templates=render(tagged))
    for one in (order, described):
        plan = deployment.plan(site.place, one)
        listed = [change for change in plan.changes if retagged(change)]
        assert [wave.resources for wave in plan.waves] == [len(listed)]
        assert len(listed) < room

    monkeypatch.setattr(waves, "NEST_RESOURCES", len(listed) - 1)
    with pytest.raises(InputError, match=r"with --keep-tags: not as deployed is CostCentre\.$"):
        deployment.plan(site.place, order)
    with pytest.raises(InputError, match=r"tags of the description: not as .* CostCentre\.$"):
        deployment.plan(site.place, described)
    new = site.order({min(site.system.services): digest("new")})
    kept = deployment.plan(site.place, replace(new, given_tags=order.given_tags, keep_tags=True))
    assert len(kept.changes) == 3
    assert kept.change_set
    done = deployment.deploy(
        site.place, replace(new, given_tags=order.given_tags), kept.change_set.arn
    )
    assert "CostCentre" not in done.stack.tags


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_299_services_come_one_changes_another_joins_and_all_go(local_aws: LocalAws) -> None:
    """Takes minutes; the local AWS refuses what is more than CloudFormation takes at once."""
    site = a_site(local_aws, 299)
    site.deploy(digests(site.system))
    assert len(running(site)) == 299
    assert len(site.resources()) > 2 * quotas.NEST_RESOURCES
    assert told(site) == ["1 of 3", "2 of 3"], "the last one is told as any deployment"

    name = list(site.system.services)[150]
    deployed = site.deploy({name: digest("new")})
    assert {change.logical_id for change in deployed.review.changes} >= {
        "Service",
        "TaskDefinition",
    }
    assert len(deployed.review.changes) == 3
    assert site.deploy().review.change_set is None

    site.system = many.with_one_more(site.system, "m-new", 150)
    grown = site.deploy({"m-new": digest("new")})
    own = [change for change in grown.review.changes if change.type != NESTED]
    assert own
    assert {change.action for change in own} == {"Add"}
    assert all("MNew" in change.address for change in own)
    assert len(running(site)) == 300

    destroy(site)
    assert site.stack() is None
    assert told(site) == ["1 of 3", "2 of 3", "3 of 3"]
