"""Looks whether every secret holds the JSON keys that tasks read.

Of a value nothing leaves this module but the names of its keys.
"""

import json
from collections.abc import Iterable, Iterator

from delivery.aws import DENIED, Aws
from delivery.preflight.results import Result, ok, problem, unknown
from delivery.preflight.subject import Subject

_AT_ONCE = 20
"""Secrets in one call (Secrets Manager API, BatchGetSecretValue)."""


UNREAD = "may not be read, which takes secretsmanager:GetSecretValue, and kms:Decrypt on its key"
"""Why nobody knows the keys of a secret."""


def check(it: Subject) -> Iterator[Result]:
    """Look for the keys that the services that would run read: a call for 20 secrets."""
    wanted: dict[str, dict[str, set[str]]] = {}
    for read in it.reads:
        wanted.setdefault(read.secret, {}).setdefault(read.key, set()).add(read.service)
    if not wanted:
        yield ok("no service that would run reads one")
        return
    held = keys(it.aws, sorted(wanted))
    for name, readers in sorted(wanted.items()):
        found = held[name]
        if isinstance(found, str):
            yield _unread(it, name, _services(readers.values()), found)
        elif missing := sorted(readers.keys() - found):
            services = _services(readers[key] for key in missing)
            yield problem(
                f"{name} lacks {', '.join(missing)}: the tasks of {services} could not start. "
                f"Set it with: ./deploy.sh secrets {it.order.system} {it.order.environment} "
                f"--set {name} {it.aws.cli_options}"
            )
        else:
            yield ok(f"{name} has {', '.join(sorted(readers))}")


def _services(readers: Iterable[set[str]]) -> str:
    return ", ".join(sorted(set().union(*readers)))


def keys(aws: Aws, names: list[str]) -> dict[str, set[str] | str]:
    """Return the names of each secret's JSON keys, or the error code where they cannot be read."""
    manager = aws.client("secretsmanager")
    held: dict[str, set[str] | str] = dict.fromkeys(names, "ResourceNotFoundException")
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        answer = manager.batch_get_secret_value(SecretIdList=some)
        held |= {one["SecretId"]: one["ErrorCode"] for one in answer["Errors"]}
        held |= {one["Name"]: _names(one.get("SecretString", "")) for one in answer["SecretValues"]}
    return held


def _names(text: str) -> set[str]:
    """Return the keys of a JSON object; none of what is no JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        return set()
    return set(value) if isinstance(value, dict) else set()


def _unread(it: Subject, name: str, services: str, code: str) -> Result:
    if code == "ResourceNotFoundException":
        return problem(
            f"{name} does not exist yet: this deployment makes it, without the values that the "
            f"tasks of {services} need. Deploy without their images first. Where they run already, "
            f"go on and set its values while the deployment waits for their tasks."
        )
    if code == "InvalidRequestException":
        return problem(
            f"{name} is marked for deletion: the tasks of {services} could not start. Restore it "
            f"with: aws secretsmanager restore-secret --secret-id {name} {it.aws.cli_options}"
        )
    if code in DENIED | {"DecryptionFailure"}:
        return unknown(f"{name}: {UNREAD} ({code}), so nobody knows its keys")
    return unknown(f"{name}: cannot be read ({code})")
