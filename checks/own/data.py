"""Rules over secrets and keys."""

from checks.own.rule import Hits, rule
from checks.rendering import Node
from checks.walk import branches, is_given, may_be_given, resources, texts

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a resource type


@rule("E9121")
def secret_value_given(template: Node) -> Hits:
    """Refuse a secret's value in a template: it is none there, and each update puts it back."""
    for path, secret in resources(template, SECRET):
        if may_be_given(secret.get("SecretString")):
            yield (
                (*path, "SecretString"),
                "remove it: let GenerateSecretString make the first value",
            )


@rule("E9122")
def secret_with_two_values(template: Node) -> Hits:
    """Refuse a value beside the wish to generate one: Secrets Manager takes one of them."""
    for path, secret in resources(template, SECRET):
        if is_given(secret.get("SecretString")) and is_given(secret.get("GenerateSecretString")):
            yield path, "has both SecretString and GenerateSecretString"


@rule("E9123")
def key_for_ever(template: Node) -> Hits:
    """Require that a symmetric key rotates each year (PCI DSS 3.7.4)."""
    for path, key in resources(template, "AWS::KMS::Key"):
        spec = set(texts(key.get("KeySpec", "SYMMETRIC_DEFAULT")))
        imported = "EXTERNAL" in texts(key.get("Origin"))
        if "SYMMETRIC_DEFAULT" in spec and not imported:
            rotation = key.get("EnableKeyRotation")
            if not is_given(rotation) or any(
                str(one).lower() == "false" for one in branches(rotation)
            ):
                yield (*path, "EnableKeyRotation"), "must be true"
