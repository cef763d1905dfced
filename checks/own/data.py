"""Rules over secrets."""

from checks.own.rule import Hits, rule
from checks.rendering import Node
from checks.walk import is_given, may_be_given, resources

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
