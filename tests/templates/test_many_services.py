"""Systems of any size that is allowed build within every quota, and grow in peace."""

from pathlib import Path
from typing import Any

import pytest

from checks import contracts, quotas
from checks.rendering import Rendering, nested
from checks.resolved import resolve, samples
from delivery.forecast import forecast
from delivery.publish import package
from description import digests
from description.load import DescriptionError, load
from description.model import Profile, System
from description.rules.services import MOST_SERVICES
from description.shards import SERVICES
from templates.names import pascal
from tests import many

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


def with_one_more(system: System, name: str, callee: str) -> System:
    """Return the system with a service more, described after all others, that calls one."""
    spec = system.services[callee].model_copy(
        update={"routes": (), "secrets": {}, "calls": (callee,)}
    )
    return system.model_copy(update={"services": {**system.services, name: spec}})


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (3, "m-new"),
        *((50, name) for name in ("a", "m-new", "zz-new")),  # they share parameters now
        *(slow(count, "m-new") for count in (49, SERVICES, 300)),
    ],
)
def test_one_service_more_adds_what_is_its_own_and_touches_nothing_else(
    count: int, name: str
) -> None:
    system = many.system(count)
    callee = next(one for one, spec in system.services.items() if spec.port)
    before, after = many.rendered(count), many.rendering(with_one_more(system, name, callee))
    everywhere = {"EnvironmentSuffix": "test", "CertificateArn": "/certificate"}
    known = digests.as_values(dict.fromkeys(system.services, f"sha256:{'0' * 64}"), system.services)
    grown = digests.merged(after.templates["parent.json"], {}, known) or known

    changes = forecast(
        resolve(before, everywhere | known, images=False),
        resolve(after, everywhere | grown, images=False),
    )
    assert {change.action for change in changes} == {"Add"}
    title = pascal(name)
    assert {change.logical_id for change in changes} == {
        f"{title}ExecutionRole",
        f"{title}LogGroup",
        f"{title}Repository",
        f"{title}SecurityGroup",
        f"{title}TaskRole",
    }
