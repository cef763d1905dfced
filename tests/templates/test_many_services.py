"""Systems of any size that is allowed build within every quota, and grow in peace."""

from pathlib import Path
from typing import Any

import pytest

from checks import contracts, quotas
from checks.rendering import Rendering, nested
from checks.resolved import resolve, samples
from delivery.changes import Change
from delivery.forecast import forecast
from delivery.publish import package
from description import digests
from description.load import DescriptionError, load
from description.model import Profile, System
from description.rules.services import MOST_SERVICES
from description.shards import SERVICES
from templates.names import pascal
from tests import many
from tests.systems_under_test import ROOT

PRODUCTION, DEVELOPMENT = Profile.PRODUCTION, Profile.DEVELOPMENT
LONGEST_SUFFIX = "e" * 16
LONGEST_ID = 200
"""Characters of an id or ARN that AWS makes for what crosses between stacks; the longest we know is
that of a secret, 147."""


def slow(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture(
    params=[
        *((count, PRODUCTION) for count in (1, 2, 3, 50, 51, 201)),
        *((count, DEVELOPMENT) for count in (3, 51)),
        *(slow((count, PRODUCTION)) for count in (49, 100, 199, 200, MOST_SERVICES)),
        *(slow((count, DEVELOPMENT)) for count in (100, 200, 300)),
    ],
    ids=lambda value: f"{value[0]}-{value[1]}",
)
def large(request: pytest.FixtureRequest) -> Rendering:
    count, profile = request.param
    return many.rendered(count, profile)


def test_builds_within_every_quota(large: Rendering) -> None:
    assert quotas.check(large) == []
    assert contracts.check(large) == []


def test_no_value_between_stacks_is_too_long_whatever_it_becomes(large: Rendering) -> None:
    given = {**samples(large), "EnvironmentSuffix": LONGEST_SUFFIX}
    system = resolve(large, given)
    looked_at = 0
    for stack in system.stacks.values():
        for name, value in stack.parameters.items():
            items = value if isinstance(value, list) else [value]
            size = sum(len(one) if isinstance(one, str) else LONGEST_ID for one in items)
            assert size + len(items) <= quotas.PARAMETER_VALUE_BYTES, f"{stack.address} {name}"
            looked_at += 1
    assert looked_at >= 20


def test_what_is_published_is_no_larger_than_we_say(large: Rendering) -> None:
    url = f"https://s3.ap-southeast-2.amazonaws.com/{'b' * 63}"
    for name, one in package(large.files, url, f"{'p' * 20}/{large.folder}").items():
        stacks = sum(1 for _ in nested(large.templates[name]))
        assert len(one.body) <= len(large.files[name]) + stacks * quotas.URL_BYTES, name


def test_one_service_more_than_allowed_is_a_mistake_of_the_description(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match=f"Found: {MOST_SERVICES + 1}. Allowed: "):
        load(many.write(tmp_path, MOST_SERVICES + 1))


@pytest.mark.parametrize("parameter", ["ImageDigests1", "ImageDigests2"])
def test_a_service_joins_with_its_own_image_in_whichever_parameter_it_stands(
    parameter: str,
) -> None:
    large = many.rendered(51)
    names = list(many.system(51).services)
    images = {names[0]: f"sha256:{'0' * 64}", names[50]: f"sha256:{'1' * 64}"}
    text = ",".join(f"{name}={digest}" for name, digest in images.items())
    given = {**samples(large), parameter: f"{names[1]}=,{text}"}

    system = resolve(large, given, images=False)
    tasks = system.of_type("AWS::ECS::TaskDefinition")
    found = [one.properties["ContainerDefinitions"][0] for one in tasks]
    assert {one["Name"]: one["Image"].partition("@")[2] for one in found} == images


def test_a_name_that_ends_like_another_has_its_own_image() -> None:
    names = ["api", "card-api", *many.names(60)]
    text = f"card-api=sha256:{'1' * 64},api=sha256:{'0' * 64}"
    one = next(iter(many.system(3).services.values())).model_copy(
        update={"routes": (), "secrets": {}, "calls": ()}
    )
    system = many.system(3).model_copy(
        update={"services": dict.fromkeys(names, one), "secrets": {}}
    )
    large = many.rendering(system)
    given = {**samples(large), "ImageDigests2": text}
    parameters = resolve(large, given, images=False).stacks
    assert parameters["ApiService"].parameters["ImageDigest"] == f"sha256:{'0' * 64}"
    assert parameters["CardApiService"].parameters["ImageDigest"] == f"sha256:{'1' * 64}"


@pytest.mark.slow
def test_every_service_can_have_a_secret_that_is_rotated() -> None:
    system = many.profiles(300, a_secret_each=True)[PRODUCTION]
    found = many.rendering(system)
    assert quotas.check(found) == []
    schedules = [
        one
        for template in found.templates.values()
        for one in template["Resources"].values()
        if one["Type"] == "AWS::SecretsManager::RotationSchedule"
    ]
    assert len(schedules) == 300


def without(system: System, name: str) -> System:
    """Return the system without a service, its secrets, and the calls of it."""
    services = {
        one: spec.model_copy(update={"calls": tuple(c for c in spec.calls if c != name)})
        for one, spec in system.services.items()
        if one != name
    }
    own = system.services[name].secret_names
    secrets = {one: secret for one, secret in system.secrets.items() if one not in own}
    return system.model_copy(update={"services": services, "secrets": secrets})


def in_order_of_name(system: System) -> System:
    """Return the system with services and secrets sorted by name."""
    services, secrets = sorted(system.services.items()), sorted(system.secrets.items())
    return system.model_copy(update={"services": dict(services), "secrets": dict(secrets)})


def changes(before: Rendering, after: Rendering) -> list[Change]:
    """Return what a deployment would do that brings no image, of resources but nested stacks."""
    everywhere = {"EnvironmentSuffix": "test", "CertificateArn": "/certificate"}
    services = [name for name in before.names if f"service-{name}.json" in before.files]
    known = digests.as_values(dict.fromkeys(services, f"sha256:{'0' * 64}"), services)
    then = digests.merged(after.templates["parent.json"], {}, known) or known
    return forecast(
        resolve(before, everywhere | known, images=False),
        resolve(after, everywhere | then, images=False),
    )


def differing(before: Rendering, after: Rendering) -> set[str]:
    """Return the templates that are not the same, whatever the order of what is in them."""
    old, new = before.templates, after.templates
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


@pytest.mark.parametrize(
    ("count", "name", "place"),
    [
        (3, "m-new", 1),
        *((50, *more) for more in (("a", 50), ("m-new", 0), ("zz-new", 25))),  # sharing parameters
        *(slow(count, "m-new", count // 2) for count in (49, 84, 299)),
    ],
)
def test_one_service_more_adds_what_is_its_own_and_touches_nothing_else(
    count: int, name: str, place: int
) -> None:
    grown = many.with_one_more(many.system(count), name, place)
    found = changes(many.rendered(count), many.rendering(grown))
    assert {change.action for change in found} == {"Add"}
    title = pascal(name)
    assert {change.logical_id for change in found} == {
        f"{title}ExecutionRole",
        f"{title}LogGroup",
        f"{title}Repository",
        f"{title}SecurityGroup",
        f"{title}TaskRole",
    }


def test_a_service_comes_into_the_middle_and_other_shards_stay_what_they_are() -> None:
    grown = many.with_one_more(many.system(SERVICES + 5), "m-new", 40)
    assert differing(many.rendered(SERVICES + 5), many.rendering(grown)) == {
        "parent.json",
        "registry.json",
        "roles-2.json",
        "service-m-new.json",
        "services-2.json",
    }


def test_a_service_goes_from_the_middle_and_what_is_not_its_own_stays() -> None:
    system = many.system(SERVICES + 5)
    name = many.names(SERVICES + 5)[37]
    assert system.services[name].secrets
    assert not system.services[name].permissions
    before, left = many.rendered(SERVICES + 5), many.rendering(without(system, name))
    callers = {one for one, spec in system.services.items() if name in spec.calls}
    assert differing(before, left) == {
        "parent.json",
        "registry.json",
        "roles.json",
        "security.json",
        f"service-{name}.json",
        "services.json",
        *(f"service-{one}.json" for one in callers),
    }
    gone = changes(before, left)
    title = pascal(name)
    own = [
        one for one in gone if one.action == "Remove" and one.type != "AWS::CloudFormation::Stack"
    ]
    assert own
    assert {one.action for one in gone} <= {"Remove", "Modify"}
    for one in own:
        assert title in one.address or title in one.logical_id, one.address


def test_a_description_that_is_sorted_moves_nothing() -> None:
    system = many.system(SERVICES + 5)
    other = in_order_of_name(system)
    assert list(other.services) != list(system.services)
    before, after = many.rendered(SERVICES + 5), many.rendering(other)
    assert differing(before, after) == {"parent.json"}
    assert changes(before, after) == []


def test_a_service_is_in_the_stacks_of_the_shard_that_it_names() -> None:
    system = many.system(3)
    name = list(system.services)[1]
    spec = system.services[name].model_copy(update={"shard": 2})
    moved = system.model_copy(update={"services": {**system.services, name: spec}})
    before, after = (many.rendering(one).templates for one in (system, moved))
    title = pascal(name)
    for file, what in (("services", "SecurityGroup"), ("roles", "TaskRole")):
        assert f"{title}{what}" in before[f"{file}.json"]["Resources"]
        assert f"{title}{what}" not in after[f"{file}.json"]["Resources"]
        assert next(iter(after[f"{file}-2.json"]["Resources"])).startswith(title)


def test_secrets_in_a_later_shard_only_need_no_first_one() -> None:
    content = many.content(3)
    for secret in content["secrets"].values():
        secret["shard"] = 2
    content |= {"alarms": False, "logs": {"key": "aws"}, "secrets_key": "aws"}
    found = many.rendering(System.model_validate(content))
    assert {"security-2.json"} == {name for name in found.files if name.startswith("security")}
    assert all(template["Resources"] for template in found.templates.values())
    assert contracts.check(found) == []


@pytest.mark.slow
def test_the_parent_has_as_much_room_as_pages_say() -> None:
    resources = many.rendered(MOST_SERVICES).templates["parent.json"]["Resources"]
    assert quotas.RESOURCES - (len(resources) - MOST_SERVICES) > 400
    pages = sorted((ROOT / "docs" / "adr").glob("00*.md"))
    words = " ".join(" ".join(page.read_text().split()) for page in pages)
    assert words.count("room for more than 400 services") == 2
