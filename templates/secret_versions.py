"""Versions of secrets: what makes ECS deploy a service anew when its secrets have new values.

A task reads its secrets when it starts. The parent's parameters tell for which versions of its
secrets each service was started last (``description.versions``).
"""

from troposphere import Ref, Select, Split, ecs

from description import versions
from description.model import System
from templates import parameters
from templates.edges import StackTemplate
from templates.kinds import SecretVersions
from templates.text import sub


def add(system: System, t: StackTemplate) -> dict[str, SecretVersions]:
    """Add the parameters, and return what they tell each service that reads secrets."""
    texts = [
        Ref(t.add_parameter(parameters.secret_versions(title)))
        for title in versions.parameters(system.readers)
    ]
    return {name: _version(name, texts) for name in system.readers}


def _version(service: str, texts: list[Ref]) -> SecretVersions:
    """Return what the ``texts`` tell of a service: nothing where it is in none of them.

    It is named once more at the end, without a version, so that there is always something behind
    its name.
    """
    everything = sub(*(part for text in texts for part in (",", text)), f",{service}=,")
    behind = Select(1, Split(f",{service}=", everything))
    return SecretVersions(Select(0, Split(",", behind)))


def deployment(given: SecretVersions) -> ecs.ForceNewDeployment:
    """Return what makes ECS deploy a service anew when it is told another version.

    Source: schema of AWS::ECS::Service, ForceNewDeploymentNonce, 1 to 255 characters.
    """
    return ecs.ForceNewDeployment(
        EnableForceNewDeployment=True, ForceNewDeploymentNonce=sub("v", given)
    )
