"""Operations that are too large for CloudFormation, cut into several."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import pytest

from checks.quotas import NEST_RESOURCES
from checks.rendering import Rendering
from checks.resolved import Place, System, resolve
from delivery import waves as module
from delivery.errors import InputError
from delivery.stacks import Stack
from delivery.waves import Wave, told, waves
from description import digests
from description.names import pascal, stack_of
from tests import many

COUNT = 24
SERVICES = tuple(many.system(COUNT).services)
PLACE = Place(stack_name="many-test")
GIVEN = {"EnvironmentSuffix": "test", "CertificateArn": "/certificate"}


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def values(images: Mapping[str, str]) -> dict[str, str]:
    return GIVEN | digests.as_values(images, SERVICES)


EVERY = {name: digest(1) for name in SERVICES}
NONE: dict[str, str] = {}
TAGS = {"Author": "Ann", "CreatedAt": "then", "aws:cloudformation:x": "of AWS"}
OWN = {"Author": "Ann", "CreatedAt": "then"}

UNTAGGED = {
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::Logs::ResourcePolicy",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
}
"""Types without the property Tags, by the pages of the Template Reference."""


@cache
def resolved(known: tuple[tuple[str, str], ...]) -> System:
    return resolve(many.rendered(COUNT), values(dict(known)), images=False, place=PLACE)


def system(images: Mapping[str, str]) -> System:
    return resolved(tuple(sorted(images.items())))


def deployed(images: Mapping[str, str], **others: str) -> Stack:
    parameters = values(images) | others
    return Stack("many-test", "id", "CREATE_COMPLETE", datetime.now(UTC), parameters=parameters)


def cut(
    wanted: Mapping[str, str],
    there: Mapping[str, str] | None = None,
    rendering: Rendering | None = None,
    tags: Mapping[str, str] | None = None,
) -> list[Wave]:
    files = (rendering or many.rendered(COUNT)).files
    stack = None if there is None else replace(deployed(there), tags=dict(TAGS))
    return waves(files, SERVICES, values(wanted), stack, lambda _: system(there or {}), PLACE, tags)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> int:
    """As many resources as the system has without its services, and those of two of them."""
    allowed = len(system(NONE).resources) + len(system(EVERY).stacks) + 40
    monkeypatch.setattr(module, "NEST_RESOURCES", allowed)
    return allowed


def test_what_fits_goes_at_once() -> None:
    assert [wave.images for wave in cut(EVERY)] == [EVERY]
    assert [wave.images for wave in cut(EVERY, NONE)] == [EVERY]


def test_a_small_system_is_not_even_looked_at() -> None:
    def never(_: Stack) -> System:
        raise AssertionError

    files = many.rendered(COUNT).files
    assert waves(files, SERVICES, values(EVERY), deployed(NONE), never, PLACE)


def test_a_first_deployment_brings_all_else_and_then_service_by_service(room: int) -> None:
    found = cut(EVERY)

    assert len(found) > 2
    assert [name for wave in found for name in wave.services] == list(SERVICES)
    assert max(wave.resources for wave in found) <= room
    assert found[-1].images == EVERY
    for before, after in pairwise(found):
        assert after.images == {**before.images, **dict.fromkeys(after.services, digest(1))}


@pytest.mark.usefixtures("room")
def test_a_wave_touches_as_much_as_it_says() -> None:
    first, second = cut(EVERY)[:2]

    there = system(first.images)
    stacks = len(system(EVERY).stacks) - 1
    assert first.resources == len(there.resources) + stacks
    assert second.resources == len(system(second.images).resources) - len(there.resources) + stacks


@pytest.mark.usefixtures("room")
def test_what_is_there_already_stays_as_it_is() -> None:
    half = {name: EVERY[name] for name in SERVICES[::2]}
    found = cut(EVERY, half)

    assert [name for wave in found for name in wave.services] == list(SERVICES[1::2])
    assert all(half.items() <= wave.images.items() for wave in found)


def test_services_that_no_template_has_any_more_go_before_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = 4
    kept = tuple(many.system(few).services)
    sent = GIVEN | digests.as_values(dict.fromkeys(kept, digest(1)), kept)
    files = many.rendered(few).files
    there = system(EVERY)
    own = {n: sum(a.startswith(f"{stack_of(n)}/") for a in there.resources) for n in SERVICES}
    allowed = 190
    monkeypatch.setattr(module, "NEST_RESOURCES", allowed)

    *leaving, last = waves(files, kept, sent, deployed(EVERY), lambda _: there, PLACE)
    assert len(leaving) == 2
    assert not last.leaving
    names = {pascal(name): name for name in SERVICES}
    gone = [names[one] for wave in leaving for one in wave.services]
    assert gone == list(SERVICES[few : few + len(gone)])
    for wave in leaving:
        assert wave.leaving
        assert wave.images.keys() == set(kept)
        touched = sum(own[names[one]] for one in wave.services)
        assert wave.resources == touched + len(there.stacks) - 1 <= allowed
    assert last.resources <= allowed
    assert " in which " in told(leaving, 0)


def test_who_goes_back_to_single_parameters_keeps_the_images() -> None:
    larger = many.system(digests.ONE_BY_ONE + 1)
    pinned = digests.as_values(dict.fromkeys(larger.services, digest(1)), larger.services)
    before = many.rendered(len(larger.services))
    stack = replace(deployed(NONE), parameters=GIVEN | pinned)
    after = many.rendered(COUNT)
    services = digests.pinned_by(after.templates["parent.json"], stack.parameters)

    def there(_: Stack) -> System:
        return resolve(before, stack.parameters, images=False, place=PLACE)

    (wave,) = waves(after.files, services, values(EVERY), stack, there, PLACE)
    assert wave.services == ()
    assert wave.images == EVERY


@pytest.mark.usefixtures("room")
def test_an_image_of_each_service_is_few_resources() -> None:
    new = {name: digest(2) for name in SERVICES}
    assert [wave.images for wave in cut(new, EVERY)] == [new]


@pytest.mark.usefixtures("room")
def test_services_go_in_waves_too() -> None:
    found = cut(NONE, EVERY)
    assert len(found) > 1
    assert found[-1].images == NONE


def all_that_has_tags(there: System) -> int:
    """Return how many resources can have tags, nested stacks included."""
    can = [one for one in there.resources.values() if one.type not in UNTAGGED]
    return len(can) + len(there.stacks) - 1


def test_other_tags_touch_all_that_can_have_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    total = all_that_has_tags(system(EVERY))
    monkeypatch.setattr(module, "NEST_RESOURCES", total)

    (same,) = cut(EVERY, EVERY, tags=OWN)
    assert same.resources == len(system(EVERY).stacks) - 1
    for tags in (OWN | {"Author": "Ben"}, OWN | {"Team": "core"}, {}):
        (other,) = cut(EVERY, EVERY, tags=tags)
        assert other.resources == total


def test_tags_that_reach_too_much_are_refused_with_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = system(EVERY)
    stacks = len(there.stacks) - 1
    total = all_that_has_tags(there)
    monkeypatch.setattr(module, "NEST_RESOURCES", total - 1)

    with pytest.raises(InputError) as refused:
        cut({name: digest(2) for name in SERVICES}, EVERY, tags={**OWN, "Author": "B", "Team": "t"})
    assert str(refused.value) == (
        f"many-test: {total - stacks:,} resources would change in one operation, because tags "
        "change, which CloudFormation hands on to all that can have tags; it takes "
        f"{total - 1 - stacks:,} beside the nested stacks, and this cannot be cut. Leave the tags "
        "of the stack, with --keep-tags: not as deployed is Author, Team."
    )
    tagged = many.system(COUNT).model_copy(update={"tags": {"CostCentre": "7"}})
    with pytest.raises(InputError, match=r"of the description: not as deployed is CostCentre\.$"):
        cut(EVERY, EVERY, many.rendering(tagged), OWN)


@pytest.mark.usefixtures("room")
def test_what_comes_with_other_tags_comes_in_waves() -> None:
    first, *_ = cut(EVERY, NONE, tags=OWN | {"Author": "Ben"})
    assert first.resources >= all_that_has_tags(system(NONE))


def test_what_changes_in_all_services_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEST_RESOURCES", 60)
    one = many.system(COUNT)
    other = one.model_copy(update={"name_prefix": "other"})
    with pytest.raises(InputError, match="would change in one operation, whatever images are"):
        cut(EVERY, EVERY, many.rendering(other))


def test_a_service_that_is_too_large_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = SERVICES[0]
    base = len(system(NONE).resources) + len(system({one: digest(1)}).stacks) - 1
    monkeypatch.setattr(module, "NEST_RESOURCES", base)
    monkeypatch.setattr(module, "_is_small", lambda *_: False)
    large = cut({one: digest(1)})
    assert [wave.services for wave in large] == [(), (one,)]

    monkeypatch.setattr(module, "NEST_RESOURCES", len(system({one: digest(1)}).stacks) + 5)
    with pytest.raises(InputError, match=f"for {one} alone"):
        cut({one: digest(1)}, NONE)


def test_services_that_are_gone_count() -> None:
    asked = []

    def before(stack: Stack) -> System:
        asked.append(stack)
        return system(EVERY)

    gone = {f"Gone{number}ImageDigest": digest(1) for number in range(30)}
    stack = deployed(EVERY, **gone)
    waves(many.rendered(COUNT).files, SERVICES, values(EVERY), stack, before, PLACE)
    assert asked == [stack]


def test_a_wave_is_told_in_words() -> None:
    first = Wave({}, SERVICES[:10], 2_400)
    last = Wave({}, (), 7)

    assert told([first, last], 1).startswith("wave 2 of 3, with the images of account-api, ")
    assert told([first, last], 1).endswith(
        f" and 2 more: 2,400 of the {NEST_RESOURCES:,} resources that CloudFormation takes at once"
    )
    assert told([last, last], 0).startswith("wave 1 of 2, without images that are new: 7 of ")
