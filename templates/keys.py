"""Keys: KMS keys that are this system's own."""

from awacs.aws import Statement
from troposphere import AWSHelperFn, kms

from description.model import System
from templates import iam
from templates.lifecycle import keep
from templates.names import named


def customer_key(
    system: System,
    suffix: AWSHelperFn,
    title: str,
    *statements: Statement,
    name: str,
    description: str,
) -> kms.Key:
    """Return a key that KMS rotates each year and that ``statements`` let others use.

    ``name`` follows the system's prefix in the name that the console shows.
    """
    key = kms.Key(
        title,
        Description=description,
        EnableKeyRotation=True,
        KeyPolicy=iam.policy(iam.administer_key(), *statements, iam.grant_to_services_only()),
        Tags=named(f"{system.name_prefix}-{name}", suffix),
    )
    return keep(key, system.removal_policy)
