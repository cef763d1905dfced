"""Profiles: what an environment has where the description, or its profile, says nothing."""

from pathlib import Path

import pytest

from description.fields import Section
from description.load import DescriptionError, load, load_profiles
from description.model import Profile, System
from description.profiles import development
from tests.description.written import HEAD, WORKER, mistakes_in

SHOP = f"{HEAD}services: {{worker: {WORKER}}}\n"
WITH_DEVELOPMENT = f"{SHOP}environments: {{dev: development, test: development}}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def value(system: System, field: str) -> object:
    here: object = system
    for step in field.split("."):
        here = getattr(here, step)
    return here


def test_every_environment_is_production_unless_it_is_named(tmp_path: Path) -> None:
    (only,) = load_profiles(written(tmp_path, SHOP)).values()
    assert only.profile is Profile.PRODUCTION

    systems = load_profiles(written(tmp_path, WITH_DEVELOPMENT))
    assert list(systems) == [Profile.PRODUCTION, Profile.DEVELOPMENT]
    for profile, system in systems.items():
        assert system.profile is profile
        assert system.profile_of("dev") is Profile.DEVELOPMENT
        assert system.profile_of("prod") is Profile.PRODUCTION


@pytest.mark.parametrize("setting", development(), ids=lambda one: one.field)
def test_development_has_each_cheap_setting_and_production_the_models_own(
    setting: object, tmp_path: Path
) -> None:
    (one,) = [known for known in development() if known is setting]
    systems = load_profiles(written(tmp_path, WITH_DEVELOPMENT))

    assert value(systems[Profile.DEVELOPMENT], one.field) == one.value
    *way, name = one.field.split(".")
    section = (
        value(systems[Profile.PRODUCTION], ".".join(way)) if way else systems[Profile.PRODUCTION]
    )
    assert isinstance(section, Section)
    usual = type(section).model_fields[name].default
    assert value(systems[Profile.PRODUCTION], one.field) == usual
    assert usual != one.value
    assert one.gives_up


def test_a_description_goes_before_the_cheap_settings_and_a_profile_before_both(
    tmp_path: Path,
) -> None:
    text = (
        f"{WITH_DEVELOPMENT}"
        "network: {nat: per-zone, zones: 2}\n"
        "profiles: {development: {network: {zones: 4}}, production: {namespace: shop.internal}}\n"
    )
    systems = load_profiles(written(tmp_path, text))
    production, cheap = systems[Profile.PRODUCTION], systems[Profile.DEVELOPMENT]

    assert (production.network.nat, production.network.zones) == ("per-zone", 2)
    assert (cheap.network.nat, cheap.network.zones) == ("per-zone", 4)
    assert (production.namespace, cheap.namespace) == ("shop.internal", "payment.local")


def test_a_profile_takes_the_place_of_a_list_and_of_a_value_that_is_null(tmp_path: Path) -> None:
    text = (
        f"{HEAD}environments: {{dev: development}}\n"
        f"services: {{worker: {WORKER[:-1]}, writable_paths: [/a, /b]}}}}\n"
        "profiles: {development: {services: {worker: {writable_paths: [/c],"
        " scaling: {memory: null}}}}}\n"
    )
    cheap = load(written(tmp_path, text), Profile.DEVELOPMENT).services["worker"]

    assert cheap.writable_paths == ("/c",)
    assert cheap.scaling.memory is None
    assert load(tmp_path / "shop.yaml").services["worker"].writable_paths == ("/a", "/b")


def test_a_mistake_in_a_profile_is_said_at_its_line_and_what_profiles_share_once(
    tmp_path: Path,
) -> None:
    text = (
        f"{WITH_DEVELOPMENT}"
        "network: {zones: 9}\n"
        "profiles:\n"
        "  development:\n"
        "    logs: {retention_days: 31}\n"
        "    edge:\n"
        "      colour: red\n"
    )
    assert [one.partition(". Allowed")[0] for one in mistakes_in(tmp_path, text)] == [
        "shop.yaml:5: network.zones: is too high. Found: 9",
        "shop.yaml:8: profiles.development.logs.retention_days: is not offered. Found: 31",
        "shop.yaml:10: profiles.development.edge.colour: is not a known field",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "environments: {dev: cheap}",
        "environments: {Dev: development}",
        "environments: [dev]",
        "profiles: {staging: {}}",
        "profiles: {development: }",
        "environments: {dev: development}\nprofiles: {development: [logs]}",
    ],
)
def test_what_is_no_profile_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(DescriptionError):
        load_profiles(written(tmp_path, f"{SHOP}{text}\n"))
