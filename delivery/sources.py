"""From a system's name and an environment's to what shall be deployed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from checks.build import Project, build
from checks.columns import columns
from checks.linting.linter import LintError
from checks.parameter_files import ParameterFile
from checks.parameters import SUFFIX
from delivery import policy
from delivery.aws import Aws
from delivery.deployment import Order
from delivery.errors import DeliveryError, InputError, nearest
from delivery.parameters import image_digests, load
from delivery.registry import digest_of, repository_name
from delivery.stacks import stack_name
from description import digests
from description.files import descriptions
from description.profiles import Profile

if TYPE_CHECKING:
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
    keep_tags: bool = False
    """Whether a deployed stack keeps the tags that it has."""
    tags_in: Aws | None = None
    """Where the tags of images are looked up; none: every image is a digest."""
    allowed: tuple[str, ...] = ()
    """Addresses of changes that happen though the policy refuses them."""
    role_arn: str = ""
    """The role that CloudFormation acts with, if another than the stack has."""


def describe(system: str, environment: str) -> "System":
    """Read the description of a system, as an environment has it.

    Raises ``InputError`` where there is none, ``DescriptionError`` for mistakes in it.
    """
    from description.load import load_profiles  # not for those who want a name only

    profiles = load_profiles(description_of(system))
    return profiles[profiles[Profile.PRODUCTION].profile_of(environment)]


def description_of(system: str) -> Path:
    """Return the file that describes a system. Raises ``InputError`` where there is none."""
    known = _descriptions()
    if system not in known:
        raise InputError(
            f"There is no system {system} in {PROJECT.systems}. {nearest(system, known)}"
        )
    return known[system]


def _descriptions() -> dict[str, Path]:
    """Return the files of the project's systems by the systems' names."""
    return {path.stem: path for path in descriptions(PROJECT.systems)}


def order(system: "System", environment: str, wishes: Wishes, ci: Mapping[str, str]) -> Order:
    """Build and check a system, and add up what is known of its parameters and tags.

    The strongest wins: images and parameters of the command line, then the parameter file.
    Raises ``InputError`` where the build finds something wrong, and where what is given is for
    another system or environment.
    """
    rules = policy.load(PROJECT.root)
    name = stack_name(system.name, environment)
    file = load(wishes.parameter_file or PROJECT.parameters / f"{name}.json", _descriptions())
    _check_place(system.name, environment, file, wishes.parameters)
    resolve = None
    if aws := wishes.tags_in:
        account = {**file.parameters, **wishes.parameters}.get("RegistryAccountId", "")

        def resolve(service: str, tag: str) -> str:
            return digest_of(aws, repository_name(system, service, environment), account, tag)

    images = image_digests(wishes.images, system.services, resolve)
    return Order(
        system=system.name,
        services=tuple(system.services),
        templates=_templates(system),
        environment=environment,
        parameters=_together(system, images, file.parameters, wishes.parameters),
        file_tags=file.tags,
        given_tags=wishes.tags,
        ci=ci,
        keep_tags=wishes.keep_tags,
        policy=rules,
        allowed=wishes.allowed,
        profile=system.profile,
        role_arn=wishes.role_arn,
    )


def _together(
    system: "System", images: Mapping[str, str], *layers: Mapping[str, str]
) -> dict[str, str]:
    """Return the values of all parameters that are given, the later ones first, ``images`` by
    service before them. Raises ``InputError`` for images of no service, or given twice.
    """
    for values in layers:
        for name, mistake in digests.mistakes(values, system.services):
            raise InputError(f"Parameter {name}: {mistake}.")
    return digests.overlaid(system.services, images, *layers)


def _check_place(
    system: str, environment: str, file: ParameterFile, given: Mapping[str, str]
) -> None:
    """Raise ``InputError`` where the file or the command line is for another place.

    A file's name counts where it begins with the name of a system; what the file says counts more.
    """
    advice = "Name another with --parameters."
    if file.system not in {"", system}:
        raise InputError(f"{file.path} is for system {file.system}, not for {system}. {advice}")
    named = file.environment if file.system else environment
    if (meant := file.parameters.get(SUFFIX, named)) != environment:
        raise InputError(f"{file.path} is for environment {meant}, not for {environment}. {advice}")
    if (meant := given.get(SUFFIX, environment)) != environment:
        raise InputError(f"--parameter {SUFFIX}=…: the environment is {environment}. Leave it out.")


def _templates(system: "System") -> Mapping[str, bytes]:
    try:
        built = build(PROJECT, [system.name])
    except LintError as error:
        raise DeliveryError(str(error)) from error
    except OSError as error:
        raise InputError(f"Cannot write {error.filename}: {error.strerror}.") from error
    if built.findings:
        rows = [(found.rule, found.file, found.path, found.message) for found in built.findings]
        raise InputError("\n".join(["The build finds mistakes, nothing is sent:", *columns(rows)]))
    return next(one.files for one in built.systems if one.profile == system.profile)
