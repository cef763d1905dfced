"""The pack: all evidence about a system in one environment."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from checks.build import PARENT, Build, is_for
from checks.evidence import inventories
from checks.evidence.control import AnyNumber, Control, Fact
from checks.evidence.controls import CONTROLS
from checks.evidence.inventories import Table
from checks.findings import Finding
from checks.reachability import reach
from checks.rendering import Rendering
from checks.resolved import Place, System, resolve, samples
from description import digests
from description.model import Profile
from description.model import System as Description
from description.profiles import Setting, development

PLACE: Final = Place(account="(account)", region="(region)")
"""Where the system is deployed, which the page does not say: the same templates serve all."""

STAND_IN: Final = f"sha256:{'0' * 64}"
"""Stands for the digest of an image where the parameter file has none."""


@dataclass(frozen=True)
class Shown:
    """A control with what shows it."""

    control: Control
    facts: tuple[Fact, ...]
    complete: bool
    """Whether all that has to show it is there."""
    findings: tuple[Finding, ...]
    """What the control's checks found; nothing where it is met."""

    @property
    def holds(self) -> bool:
        """Whether everything that shows the control is there, and nothing speaks against it."""
        return self.complete and all(one.holds for one in self.facts) and not self.findings


def shown(control: Control, system: System, findings: Iterable[Finding]) -> Shown:
    """Return what shows ``control`` in ``system``, and what was found against it."""
    sources = [
        (
            isinstance(one, AnyNumber),
            list((one.find if isinstance(one, AnyNumber) else one)(system)),
        )
        for one in control.facts
    ]
    return Shown(
        control,
        tuple(fact for _, facts in sources for fact in facts),
        all(facts or optional for optional, facts in sources),
        tuple(one for one in findings if one.rule in control.rules),
    )


@dataclass(frozen=True)
class Pack:
    """All evidence about a system in one environment."""

    system: str
    environment: str
    profile: Profile
    description: str
    controls: tuple[Shown, ...]
    elsewhere: tuple[Control, ...]
    """Controls that do not concern the system."""
    tables: tuple[Table, ...]
    gives_up: tuple[Setting, ...]
    """What a development environment does without."""
    templates: Mapping[str, str]
    """The SHA-256 of each template, by file name."""

    @property
    def name(self) -> str:
        """The name of its files, without extension."""
        return f"{self.system}-{self.environment}"

    @property
    def open(self) -> list[Shown]:
        """The controls that do not hold."""
        return [one for one in self.controls if not one.holds]


def packs(build: Build) -> Iterator[Pack]:
    """Yield the evidence about each environment of a build; about a sample where there is none."""
    for rendering, described in zip(build.systems, build.described, strict=True):
        files = [one for one in build.parameter_files if is_for(one, described)]
        environments = {one.environment: one.parameters for one in files}
        for name, given in (environments or {"sample": samples(rendering)}).items():
            yield pack(rendering, described, name, given, build.findings)


def pack(
    rendering: Rendering,
    described: Description,
    environment: str,
    parameters: Mapping[str, str],
    findings: Iterable[Finding] = (),
) -> Pack:
    """Return the evidence about ``rendering`` with the values of its parameters.

    ``findings`` is what the build found; those in this system's templates count against the
    controls that they belong to. Raises ``checks.resolved.ResolutionError``.
    """
    pinned = digests.with_stand_ins(rendering.templates[PARENT], parameters, lambda _: STAND_IN)
    system = resolve(rendering, pinned, place=PLACE)
    here = [one for one in findings if one.file.startswith(f"{rendering.folder}/")]
    return Pack(
        rendering.system,
        environment,
        described.profile,
        described.description,
        tuple(shown(one, system, here) for one in CONTROLS if one.concerns(described)),
        tuple(one for one in CONTROLS if not one.concerns(described)),
        (
            inventories.data_flow(reach(rendering, described, environment, parameters)),
            inventories.encryption_on_the_way(system),
            inventories.keys(system),
            inventories.roles(system),
            inventories.accepted(),
            inventories.parts(system),
        ),
        tuple(_given_up(described)),
        {name: hashlib.sha256(body).hexdigest() for name, body in rendering.files.items()},
    )


def _given_up(described: Description) -> Iterable[Setting]:
    if described.profile is not Profile.DEVELOPMENT:
        return
    for setting in development():
        value: object = described
        for step in setting.field.split("."):
            value = getattr(value, step)
        if value == setting.value:
            yield setting
