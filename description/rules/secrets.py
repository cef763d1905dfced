"""Secrets: those declared are those read, and nothing secret is anywhere else."""

from collections.abc import Iterator

from description.credentials import is_named_like_one, looks_like_one
from description.fields import listed
from description.mistakes import ANY, Finding, Where, did_you_mean
from description.model import System

ALL_READS: Where = ("services", ANY, "secrets")


def keys_read_are_declared(system: System) -> Iterator[Finding]:
    """Find keys that a service reads and no secret declares."""
    for name, service in system.services.items():
        for variable, read in service.secrets.items():
            where = ("services", name, "secrets", variable)
            secret = system.secrets.get(read.secret)
            if secret is None:
                yield Finding(
                    where=(*where, "secret"),
                    problem="is not a secret of this system"
                    + did_you_mean(read.secret, system.secrets),
                    found=read.secret,
                    allowed=listed(system.secrets) or "nothing: secrets declares none",
                    reads=((*where, "secret"), ("secrets", read.secret)),
                )
            elif read.key not in secret.keys:
                yield Finding(
                    where=(*where, "key"),
                    problem=f"is not a key of secrets.{read.secret}"
                    + did_you_mean(read.key, secret.keys),
                    found=read.key,
                    allowed=listed(secret.keys),
                    reads=((*where, "key"), (*where, "secret"), ("secrets", read.secret, "keys")),
                )


def keys_declared_are_read(system: System) -> Iterator[Finding]:
    """Find keys that no service reads: people would be asked for values that nobody uses."""
    read = {
        (one.secret, one.key)
        for service in system.services.values()
        for one in service.secrets.values()
    }
    for name, secret in system.secrets.items():
        unread = [key for key in secret.keys if (name, key) not in read]
        if len(unread) == len(secret.keys):
            yield Finding(
                where=("secrets", name),
                problem="is a secret that no service reads",
                allowed="secrets with keys under services.*.secrets",
                reads=(ALL_READS, ("secrets", name, "keys")),
            )
            continue
        for index, key in enumerate(secret.keys):
            if key in unread:
                where = ("secrets", name, "keys", index)
                yield Finding(
                    where=where,
                    problem="is a key that no service reads",
                    found=key,
                    allowed=listed(one for one in secret.keys if one not in unread),
                    reads=(ALL_READS, where),
                )


def variables_have_one_value(system: System) -> Iterator[Finding]:
    """Find environment variables that are both plain and secret."""
    for name, service in system.services.items():
        for variable in service.environment:
            if variable in service.secrets:
                yield Finding(
                    where=("services", name, "environment", variable),
                    problem=f"is in services.{name}.secrets too",
                    allowed="one of the two",
                    reads=(),
                )


def nothing_secret_is_in_the_environment(system: System) -> Iterator[Finding]:
    """Find plain environment variables with the name or the looks of a credential.

    Their values would be in the templates, in the task definition and in the console.
    """
    for name, service in system.services.items():
        for variable, value in service.environment.items():
            looks = "name" if is_named_like_one(variable) else ""
            looks = looks or ("value" if looks_like_one(value) else "")
            if looks:
                yield Finding(
                    where=("services", name, "environment", variable),
                    problem=f"has the {looks} of a credential, and would be readable by many",
                    allowed=f"a key of a secret, under services.{name}.secrets",
                    reads=(),
                )


def nothing_else_is_a_credential(system: System) -> Iterator[Finding]:
    """Find anything else with the looks of a credential, and tags with the name of one.

    Templates are readable by many, and tags by more.
    """
    for where, value in _texts(system.model_dump(mode="json", exclude={"profiles"})):
        if where[0] == "services" and where[2] == "environment":
            continue  # the rule above says it, with what to do
        looks = "name" if where[0] == "tags" and is_named_like_one(str(where[-1])) else ""
        looks = looks or ("value" if looks_like_one(value) else "")
        if looks:
            yield Finding(
                where=where,
                problem=f"has the {looks} of a credential, and would be readable by many",
                allowed="nothing secret: values of secrets are set where they are kept",
                reads=(),
            )


def _texts(value: object, where: Where = ()) -> Iterator[tuple[Where, str]]:
    """Yield each text of a description and its place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*where, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _texts(one, (*where, index))


RULES = (
    keys_read_are_declared,
    keys_declared_are_read,
    variables_have_one_value,
    nothing_secret_is_in_the_environment,
    nothing_else_is_a_credential,
)
