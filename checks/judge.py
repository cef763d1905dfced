"""Every check of a system but cfn-lint: what the build asks, and the mutation tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks import contracts, own, quotas
from checks.findings import Finding
from checks.parameter_files import ParameterFile
from checks.rendering import Rendering

if TYPE_CHECKING:
    from checks.reachability import Reach
    from description.model import System


@dataclass(frozen=True)
class Verdict:
    """What the checks found in one system, and what they worked out on the way."""

    findings: tuple[Finding, ...]
    reaches: "tuple[Reach, ...]"
    """Who reaches whom, for each environment."""


def judge(system: Rendering, description: "System", files: Sequence[ParameterFile] = ()) -> Verdict:
    """Check ``system`` with each of its parameter files; with a sample where there is none."""
    # Imported here, when cfn-lint may already be loading in its own process.
    from checks import consistency
    from checks.permissions import check as permissions
    from checks.reachability import reach
    from checks.resolved import samples

    environments = {file.environment: file.parameters for file in files}
    environments = {
        # Resolved once for all that follows: the same for all.
        name: consistency.with_a_listener(system, given)
        for name, given in (environments or {"sample": samples(system)}).items()
    }
    reaches = tuple(reach(system, description, name, given) for name, given in environments.items())
    findings = (
        *quotas.check(system),
        *contracts.check(system),
        *own.check(system),
        *(one for reach in reaches for one in reach.findings),
        *(
            one
            for given in environments.values()
            for one in (
                *permissions.check(system, description, given),
                *consistency.check(system, description, given),
            )
        ),
        *consistency.check_without_images(system, description, next(iter(environments.values()))),
    )
    return Verdict(findings, reaches)
