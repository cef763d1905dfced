"""The values of a system's secrets: which are missing, and setting them.

A value comes from a prompt that shows nothing, from stdin, or from a file that only its owner may
read; never from an argument, which others on the machine see. It is kept in no variable longer than
it takes to send it, and is in no message.
"""

import argparse
import getpass
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from rich.console import Console

from checks.columns import columns
from delivery import sources
from delivery.aws import Aws, error_code, explained
from delivery.errors import DeliveryError, InputError, nearest
from delivery.given import connect
from delivery.output import data, dumps, tell
from delivery.preflight.secrets import keys

if TYPE_CHECKING:
    from description.model import System

PLACEHOLDER = "unset"
"""The key of the random value that a new secret holds (``templates.security``)."""


@dataclass(frozen=True)
class Held:
    """What a secret holds of the keys that the description declares."""

    name: str
    present: tuple[str, ...]
    missing: tuple[str, ...]
    unread: str = ""
    """Why nobody knows, if so: the code that Secrets Manager answered."""


def run(given: argparse.Namespace, console: Console) -> int:
    """Show which keys are missing, or set the values of one secret."""
    system = sources.describe(given.system, given.environment)
    aws = connect(given)
    if given.set is None:
        if given.file or given.stdin or given.key:
            raise InputError("Which secret? Name it with --set.")
        found = [_held(system, given.environment, aws, name) for name in system.secrets]
        if given.json:
            data(dumps([asdict(one) for one in found]))
        else:
            for line in columns([_cells(one) for one in found]):
                data(line)
        return 0
    names = {secret_name(system, one, given.environment): one for one in system.secrets}
    secret = names.get(given.set, given.set)
    if secret not in system.secrets:
        raise InputError(
            f"--set {given.set}: there is no such secret. {nearest(given.set, system.secrets)}"
        )
    declared = system.secrets[secret].keys
    for key in given.key:
        if key not in declared:
            raise InputError(f"--key {key}: is no key of {secret}. {nearest(key, declared)}")
    wanted = given.key or declared
    values = _ask(console, wanted) if not (given.file or given.stdin) else _read(given, wanted)
    name = secret_name(system, secret, given.environment)
    if not values:
        tell(console, f"{name}: nothing was given, nothing was changed")
        return 0
    missing = change(aws, name, declared, values)
    tell(console, f"{name}: set {', '.join(sorted(values))}")
    if missing:
        tell(console, f"{name}: still lacks {', '.join(missing)}")
    else:
        words = f"{given.system} {given.environment} --secret {secret} {aws.cli_options}"
        tell(console, f"Tasks that run keep the old values until: ./deploy.sh restart {words}")
    return 0


def secret_name(system: "System", secret: str, environment: str) -> str:
    """Return a secret's name in Secrets Manager."""
    return f"{system.name_prefix}-{secret}-{environment}"


def change(aws: Aws, name: str, declared: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Set values of a secret; the others stay.

    Returns the declared keys that it still lacks. Raises ``DeliveryError`` where there is no such
    secret, and where it holds what is no JSON object.
    """
    manager = aws.client("secretsmanager")
    with explained():
        try:
            text = manager.get_secret_value(SecretId=name).get("SecretString", "")
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            raise DeliveryError(
                f"There is no secret {name} in {aws.region}. Deploy first: that makes it."
            ) from None
        try:
            before = json.loads(text)
        except ValueError:
            before = None
        if not isinstance(before, dict):
            raise DeliveryError(
                f"{name} holds no JSON object, and what it holds is not thrown away here. "
                "Set it as a whole with: aws secretsmanager put-secret-value"
            )
        after = {key: one for key, one in before.items() if key != PLACEHOLDER} | dict(values)
        if after != before:
            manager.put_secret_value(SecretId=name, SecretString=json.dumps(after))
    return [key for key in declared if key not in after]


def _held(system: "System", environment: str, aws: Aws, secret: str) -> Held:
    name = secret_name(system, secret, environment)
    declared = system.secrets[secret].keys
    with explained():
        found = keys(aws, [name])[name]
    if isinstance(found, str):
        return Held(name, (), declared, found)
    present = tuple(key for key in declared if key in found)
    return Held(name, present, tuple(key for key in declared if key not in found))


def _cells(one: Held) -> tuple[str, str, str]:
    if one.unread:
        return one.name, "unknown", one.unread
    if one.missing:
        return one.name, "lacks", ", ".join(one.missing)
    return one.name, "has", ", ".join(one.present)


def _ask(console: Console, wanted: Iterable[str]) -> dict[str, str]:
    """Return what is typed for each key, without showing it; nothing typed leaves a key as it is.

    Raises ``InputError`` where nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise InputError("Nobody is here to type the values. Give --stdin or --file.")
    tell(console, "What you type is not shown. Enter alone leaves a value as it is.")
    typed = {key: getpass.getpass(f"{key}: ", stream=sys.stderr) for key in wanted}
    return {key: value for key, value in typed.items() if value}


def _read(given: argparse.Namespace, wanted: Iterable[str]) -> dict[str, str]:
    """Return the values of a file or of stdin: a JSON object, or for one ``--key`` the value."""
    text = _private(given.file) if given.file else sys.stdin.read()
    where = str(given.file or "stdin")
    if len(given.key) == 1:
        value = text.removesuffix("\n")
        return {given.key[0]: value} if value else {}
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        raise InputError(
            f'{where}: must be a JSON object of texts, as {{"{next(iter(wanted))}": "…"}}. '
            "For one value as it is, name its key with --key."
        )
    for key in values:
        if key not in wanted:
            raise InputError(f"{where}: {key} is not wanted. {nearest(key, wanted)}")
    return values


def _private(path: Path) -> str:
    """Return the text of a file that nobody but its owner may read.

    Raises ``InputError`` where others may, and where it cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise InputError(
                    f"{path}: others may read it ({stat.filemode(mode)}). "
                    f"Take that away with: chmod 600 {path}"
                )
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "is no text"
        raise InputError(f"Cannot read {path}: {said}. Name another with --file.") from None
