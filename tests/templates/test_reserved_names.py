"""The names that services cannot have are those that their template has for itself."""

import pytest

from checks.rendering import STACK, Rendering
from description.crosschecks import check
from description.model import Service, System
from description.names import PARAMETERS_OF_ALL_SERVICES, RESOURCES_OF_ALL_SERVICES, pascal
from templates.render import render
from tests.systems_under_test import REFERENCES, described

SYSTEMS = [
    system.model_copy(update={"edge": system.edge.model_copy(update={"protocol": protocol})})
    for system in map(described, REFERENCES)
    for protocol in ("http", "https")
]


def of_the_template(system: System, section: str) -> set[str]:
    return set(Rendering(system.name, render(system)).templates["services.json"][section])


def of_services(system: System) -> set[str]:
    return {f"{pascal(name)}{end}" for name in system.services for end in ("", "SecurityGroup")}


def of_images_and_secrets(system: System) -> set[str]:
    return {f"{pascal(name)}ImageDigest" for name in system.services} | {
        f"{pascal(name)}SecretArn" for name in system.secrets
    }


def test_reserved_resources_are_those_that_all_services_share() -> None:
    shared = [of_the_template(system, "Resources") - of_services(system) for system in SYSTEMS]

    assert set.union(*shared) == RESOURCES_OF_ALL_SERVICES


def test_reserved_parameters_are_those_of_no_service_and_no_secret() -> None:
    given = [
        of_the_template(system, "Parameters") - of_images_and_secrets(system) for system in SYSTEMS
    ]

    assert set.union(*given) == PARAMETERS_OF_ALL_SERVICES


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda one: f"{one.name}-{one.edge.protocol}")
def test_a_service_called_like_anything_in_the_template_is_refused(system: System) -> None:
    template = Rendering(system.name, render(system)).templates["services.json"]
    own = {name for name, one in template["Resources"].items() if one["Type"] != STACK}
    names = {kebab(name) for name in {*own, *template["Parameters"]}}
    worker = next(iter(system.services.values()))
    crowded = with_services(system, dict.fromkeys(names, worker))

    refused = {
        one.where[1] for one in check(crowded) if one.problem.startswith("becomes the logical id")
    }

    assert len(names) > 15
    assert names <= refused


def kebab(title: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in title)[1:]


def with_services(system: System, more: dict[str, Service]) -> System:
    return system.model_copy(update={"services": {**system.services, **more}})
