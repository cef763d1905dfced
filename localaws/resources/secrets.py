"""AWS::SecretsManager::Secret: ministack's, with the ARN as its Ref."""

from localaws import emulator
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType

_TYPE = "AWS::SecretsManager::Secret"
_theirs = dict(emulator.resource_handlers[_TYPE])


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    _, attributes = _theirs["create"](logical_id, properties, stack)
    return attributes["Id"], attributes


def _update(arn: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Provisioned:
    _, attributes = _theirs["update"](_name_of(arn), old, new, stack, logical_id)
    return attributes["Id"], attributes


def _delete(arn: str, properties: Properties) -> None:
    _theirs["delete"](_name_of(arn), properties)


def _name_of(arn: str) -> str:
    return next((name for name, secret in emulator.secrets.items() if secret["ARN"] == arn), arn)


TYPES = [
    ResourceType(
        _TYPE,
        """
        Description KmsKeyId Name SecretString
        GenerateSecretString.ExcludeCharacters GenerateSecretString.ExcludeLowercase
        GenerateSecretString.ExcludeNumbers GenerateSecretString.ExcludePunctuation
        GenerateSecretString.ExcludeUppercase GenerateSecretString.GenerateStringKey
        GenerateSecretString.IncludeSpace GenerateSecretString.PasswordLength
        GenerateSecretString.RequireEachIncludedType GenerateSecretString.SecretStringTemplate
        """,
        _create,
        _update,
        _delete,
    )
]
