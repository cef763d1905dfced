"""AWS::SecretsManager::Secret: its Ref is the ARN, and its value is made as AWS makes it."""

import json

from localaws import emulator
from localaws.api import call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import parameters_of

_TYPE = "AWS::SecretsManager::Secret"
_RULE = "GenerateSecretString"
_theirs = dict(emulator.resource_handlers[_TYPE])


def install() -> None:
    """Let drift detection find a secret by its ARN."""
    read, compared = emulator.drift_readers[_TYPE]
    emulator.drift_readers[_TYPE] = (
        lambda arn, properties: read(_name_of(arn), properties),
        compared,
    )


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    _, attributes = _theirs["create"](logical_id, _with_value(properties), stack)
    return attributes["Id"], attributes


def _update(arn: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Provisioned:
    """Update a secret; its value is made again only if the rule for it has changed."""
    if old.get(_RULE) == new.get(_RULE):
        old, new = _without_rule(old), _without_rule(new)
    else:
        new = _with_value(new)
    _, attributes = _theirs["update"](_name_of(arn), old, new, stack, logical_id)
    return attributes["Id"], attributes


def _delete(arn: str, properties: Properties) -> None:
    _theirs["delete"](_name_of(arn), properties)


def _without_rule(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name != _RULE}


def _with_value(properties: Properties) -> Properties:
    """Return the properties with a generated value in place of the rule that generates it."""
    if _RULE not in properties:
        return properties
    if "SecretString" in properties:
        raise ValueError(f"{_TYPE}: you can't use both SecretString and {_RULE}")
    rule = dict(properties[_RULE])
    template, key = rule.pop("SecretStringTemplate", None), rule.pop("GenerateStringKey", None)
    request = parameters_of("secretsmanager", "GetRandomPassword", rule)
    value = call("secretsmanager", "GetRandomPassword", **request)["RandomPassword"]
    if (template is None) != (key is None):
        raise ValueError(f"{_TYPE}: SecretStringTemplate and GenerateStringKey belong together")
    if template is not None:
        value = json.dumps({**json.loads(template), key: value})
    return {**_without_rule(properties), "SecretString": value}


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
