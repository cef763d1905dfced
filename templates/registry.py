"""Registry: an ECR repository for each service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from troposphere import AccountId, GetAtt, ecr, kms

from description.model import Registry, System
from templates.edges import Stack, StackTemplate
from templates.iam import registry_host
from templates.keys import customer_key
from templates.kinds import EnvironmentSuffix, Text
from templates.lifecycle import keep
from templates.names import pascal, repository_name


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the registry needs to know."""

    environment_suffix: EnvironmentSuffix


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the registry is for others."""

    registry_uri: Text
    """The registry's host. The repositories in it are known by their names: a URI for each would
    use up the outputs of the parent."""


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the registry of ``system``."""
    return Stack("registry", f"Image repositories of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the registry's template."""
    key = None
    if system.registry.key == "customer":
        key = t.add_resource(image_key(system, given))
    common = properties(system.registry, key)
    for name in system.services:
        t.add_resource(repository(system, given, name, common))
    return Outputs(registry_uri=Text(registry_host(AccountId)))


def image_key(system: System, given: Inputs) -> kms.Key:
    """Return the key that encrypts this system's images.

    ECR decrypts an image for whoever may pull it, by a grant that it asks for when the repository
    is made: those who push and pull need no right to the key (Amazon ECR User Guide, "Encryption at
    rest").
    """
    return customer_key(
        system,
        given.environment_suffix,
        "ImageKey",
        name="images",
        description=f"Images of {system.name}",
    )


def properties(registry: Registry, key: kms.Key | None) -> dict[str, Any]:
    """Return the properties that are the same for all repositories."""
    return {
        "EncryptionConfiguration": encryption(key),
        "ImageScanningConfiguration": ecr.ImageScanningConfiguration(
            ScanOnPush=registry.scan_on_push
        ),
        "ImageTagMutability": "IMMUTABLE" if registry.immutable_tags else "MUTABLE",
        "LifecyclePolicy": ecr.LifecyclePolicy(
            LifecyclePolicyText=json.dumps(lifecycle_policy(registry))
        ),
    }


def repository(
    system: System, given: Inputs, service: str, common: Mapping[str, Any]
) -> ecr.Repository:
    """Return the repository of one service, with the properties ``common`` to all."""
    one = ecr.Repository(
        f"{pascal(service)}Repository",
        RepositoryName=repository_name(system.name_prefix, service, given.environment_suffix),
        EmptyOnDelete=system.removal_policy == "destroy",
        **common,
    )
    return keep(one, system.removal_policy)


def encryption(key: kms.Key | None) -> ecr.EncryptionConfiguration:
    """Return how images are encrypted: with ``key``, or with one that ECR owns."""
    if key is None:
        return ecr.EncryptionConfiguration(EncryptionType="AES256")
    return ecr.EncryptionConfiguration(EncryptionType="KMS", KmsKey=GetAtt(key, "Arn"))


def lifecycle_policy(registry: Registry) -> dict[str, object]:
    """Return an ECR lifecycle policy that lets go of untagged images by age and of tagged ones
    only beyond a generous count. Where tags can move, a running image may lose its own: untagged
    images then stay.

    Source: Amazon ECR User Guide, "Lifecycle policy parameters".
    """
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": registry.lifecycle.untagged_days,
    }
    beyond = {
        "tagStatus": "tagged",
        "tagPatternList": ["*"],
        "countType": "imageCountMoreThan",
        "countNumber": registry.lifecycle.keep_tagged,
    }
    selections = [untagged, beyond] if registry.immutable_tags else [beyond]
    return {
        "rules": [
            {"rulePriority": place, "selection": selection, "action": {"type": "expire"}}
            for place, selection in enumerate(selections, 1)
        ]
    }
