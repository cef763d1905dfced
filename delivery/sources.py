"""From a system's name and an environment's to what shall be deployed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.build import Project, build
from checks.lint import LintError
from checks.report import columns
from delivery.deployment import Order, digest_parameter, stack_name
from delivery.errors import DeliveryError, InputError
from delivery.parameters import image_digests, load
from description.load import load as load_description
from description.model import System

PROJECT = Project(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True)
class Wishes:
    """What the command line adds to the files."""

    parameter_file: Path | None = None
    """None: ``parameters/<system>-<environment>.json``."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    """Image reference by service."""
    tags: Mapping[str, str] = field(default_factory=dict)


def describe(system: str) -> System:
    """Read ``systems/<system>.yaml``.

    Raises ``InputError`` where there is no such file, ``DescriptionError`` for mistakes in it.
    """
    path = PROJECT.systems / f"{system}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in path.parent.glob("*.yaml")))
        raise InputError(f"There is no system {system} in {path.parent}. Known: {known}.")
    return load_description(path)


def order(system: System, environment: str, wishes: Wishes, ci: Mapping[str, str]) -> Order:
    """Build and check a system, and add up what is known of its parameters and tags.

    The strongest wins: images and parameters of the command line, then the parameter file.
    Raises ``InputError`` where the build finds something wrong.
    """
    name = stack_name(system.name, environment)
    file = load(wishes.parameter_file or PROJECT.parameters / f"{name}.json")
    digests = image_digests(wishes.images, system.services)
    images = {digest_parameter(service): digest for service, digest in digests.items()}
    return Order(
        system=system.name,
        services=tuple(system.services),
        templates=_templates(system.name),
        environment=environment,
        parameters={**file.parameters, **wishes.parameters, **images},
        file_tags=file.tags,
        given_tags=wishes.tags,
        ci=ci,
    )


def _templates(system: str) -> Mapping[str, bytes]:
    try:
        built = build(PROJECT, [system])
    except LintError as error:
        raise DeliveryError(str(error)) from error
    if built.findings:
        rows = [(found.rule, found.file, found.path, found.message) for found in built.findings]
        raise InputError("\n".join(["The build finds mistakes, nothing is sent:", *columns(rows)]))
    return built.systems[0].files
