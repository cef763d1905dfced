"""``./deploy.sh restart``: new values of secrets reach the tasks, by a reviewed change set.

A task reads its secrets when it starts. The parent's parameters say for which versions of its
secrets each service was started last; another version there makes ECS deploy that service anew.
The templates stay those that are deployed.
"""

import argparse
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from rich.console import Console

from delivery import operations, policy, sources, stacks
from delivery.agreement import agreed
from delivery.aws import Aws, error_code, explained
from delivery.deployment import Place
from delivery.errors import DeliveryError, InputError, nearest
from delivery.given import connect
from delivery.history import History
from delivery.output import tell
from delivery.outputs import show
from delivery.preflight import command as preflight
from delivery.preflight.earlier import order_of_stack
from delivery.publish import default_bucket
from delivery.request import Request
from delivery.secrets import secret_name
from delivery.stacks import Stack, Step, stack_name
from description import versions

if TYPE_CHECKING:
    from description.model import System

_AT_ONCE = 8
"""Secrets that are asked for at the same time."""


def run(given: argparse.Namespace, console: Console) -> int:
    """Show what would restart the readers of secrets, and do it if that is confirmed.

    What has to be right for tasks to start is looked at before: they start from images that may
    have expired.

    Raises ``InputError`` for a secret that there is not, ``DeliveryError`` where the stack cannot
    be changed or something stands in the way, ``RefusedError`` where the policy does not let it
    happen.
    """
    system = sources.describe(given.system, given.environment)
    rules = policy.load(sources.PROJECT.root)
    services = _readers(system, given.environment, given.secret)
    aws = connect(given)
    name = stack_name(given.system, given.environment)
    bucket = given.bucket or default_bucket(aws)
    history = History(aws, bucket, given.prefix, name, given.bucket_owner)
    stack = _changeable(given, aws, name, operations.settle(aws, console, name, lambda _: None))
    last = history.catch_up(stack)
    before = versions.known(stack.parameters)
    now = _current(aws, system, given.environment, services)
    changed = [service for service in services if before.get(service) != now[service]]
    if not changed:
        tell(console, f"{name}: no secret has changed since its readers were restarted")
        return 0
    tell(console, f"{name}: reads secrets anew: {', '.join(changed)}")
    values = versions.as_values({**before, **now}, system.readers)
    if strange := values.keys() - stack.parameters.keys():
        raise DeliveryError(
            f"{name} has no parameter {', '.join(sorted(strange))}: its templates are older than "
            f"this command. Deploy once, which restarts all readers: {_deploy(given, aws)}"
        )
    place = Place(aws, bucket, given.prefix, console, given.bucket_owner)
    then = replace(order_of_stack(place, system, given.environment, stack, values), policy=rules)
    preflight.before(place, then, given.skip_check, stack)
    parameters = {**dict.fromkeys(stack.parameters), **values}
    url = last.template_url if last else ""
    request = Request(name, url, parameters, stack.own_tags, given.role_arn)
    change_set = agreed(given, place, request, then, stack, "restart")
    if change_set is None:
        return 0
    done = operations.execute(aws, console, name, change_set)
    if url:
        history.add(done, url)
    show(done, as_json=given.json)
    return 0


def _readers(system: "System", environment: str, wanted: Iterable[str]) -> list[str]:
    """Return the services that read any of the secrets ``wanted``, or any at all if none is."""
    names = {secret_name(system, secret, environment): secret for secret in system.secrets}
    chosen = {names.get(word, word) for word in wanted}
    for secret in sorted(chosen - system.secrets.keys()):
        raise InputError(
            f"--secret {secret}: there is no such secret. {nearest(secret, system.secrets)}"
        )
    if not system.readers:
        raise InputError(f"{system.name} has no secrets: nothing has to be restarted for them.")
    return [
        name
        for name in system.readers
        if not chosen or not chosen.isdisjoint(system.services[name].secret_names)
    ]


def _changeable(given: argparse.Namespace, aws: Aws, name: str, stack: Stack | None) -> Stack:
    """Return the stack if it can be updated. Raises ``DeliveryError`` where it cannot."""
    if stack is None or stacks.first_step(stack, aws.cli_options) is not Step.UPDATE:
        raise DeliveryError(f"Nothing of {name} runs. Make it with: {_deploy(given, aws)}")
    return stack


def _deploy(given: argparse.Namespace, aws: Aws) -> str:
    return f"./deploy.sh deploy {given.system} {given.environment} {aws.cli_options}"


def _current(
    aws: Aws, system: "System", environment: str, services: Iterable[str]
) -> dict[str, str]:
    """Return what stands for the versions of each service's secrets as they are now: a call for
    each secret, of which none reads a value.

    (ListSecrets would be one call, and "might not include changes from the last five minutes":
    Secrets Manager API reference.)
    """
    _ = aws.client("secretsmanager")  # boto3 makes clients on one thread only
    read = {name: system.services[name].secret_names for name in services}
    secrets = sorted(set(chain.from_iterable(read.values())))
    names = [secret_name(system, secret, environment) for secret in secrets]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ids = dict(zip(secrets, pool.map(partial(_version_id, aws), names), strict=True))
    return {name: versions.version(ids[one] for one in wanted) for name, wanted in read.items()}


def _version_id(aws: Aws, name: str) -> str:
    """Return the id of the version that tasks get which read a secret now."""
    with explained():
        try:
            found = aws.client("secretsmanager").describe_secret(SecretId=name)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            raise DeliveryError(
                f"There is no secret {name} in {aws.region}. Deploy first: that makes it."
            ) from None
    staged = found.get("VersionIdsToStages", {})
    return next((one for one, stages in staged.items() if "AWSCURRENT" in stages), "")
