"""Versions of secrets: what makes ECS deploy a service anew when its secrets have new values.

A task reads its secrets when it starts. The parent's parameters tell for which versions of its
secrets each service was started last (``description.versions``).
"""

from troposphere import Ref, ecs

from description import versions
from description.model import System
from templates import parameters
from templates.edges import StackTemplate
from templates.kinds import SecretVersions
from templates.text import picked, sub


def add(system: System, t: StackTemplate) -> dict[str, SecretVersions]:
    """Add the parameters, and return what they tell each service that reads secrets."""
    texts = [
        Ref(t.add_parameter(parameters.secret_versions(title)))
        for title in versions.parameters(system.readers)
    ]
    return {name: SecretVersions(picked(name, texts)) for name in system.readers}


def deployment(given: SecretVersions) -> ecs.ForceNewDeployment:
    """Return what makes ECS deploy a service anew when it is told another version.

    Source: schema of AWS::ECS::Service, ForceNewDeploymentNonce, 1 to 255 characters.
    """
    return ecs.ForceNewDeployment(
        EnableForceNewDeployment=True, ForceNewDeploymentNonce=sub("v", given)
    )
