"""Descriptions of systems of many services, as people might write them."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from checks.rendering import Rendering
from description.load import load_profiles
from description.model import Profile, System
from description.shards import SECRETS, SERVICES
from templates.render import render

NAME = "many"

_SUBJECTS = (
    "account acquirer authorization balance capture card chargeback clearing consent currency "
    "customer dispute fee fraud invoice ledger limit mandate merchant network payout refund risk "
    "settlement token"
)
_ROLES = (
    "api archive audit cache config export feed gateway history import index monitor notifier "
    "portal profile queue reader report router worker"
)
MOST = len(_SUBJECTS.split()) * len(_ROLES.split())
"""So many names; further ones have a number, too."""

_PORTS = (8080, 8080, 8080, 3000, 9000, 8443, 5000)
_SIZES = ((256, 512), (512, 1024), (512, 2048), (1024, 2048), (1024, 4096), (2048, 4096))
_USES = (
    ("Send", "sqs:SendMessage", "sqs:${AWS::Region}:${AWS::AccountId}:"),
    ("Receive", "sqs:ReceiveMessage", "sqs:${AWS::Region}:${AWS::AccountId}:"),
    ("Write", "dynamodb:PutItem", "dynamodb:${AWS::Region}:${AWS::AccountId}:table/"),
    ("Publish", "sns:Publish", "sns:${AWS::Region}:${AWS::AccountId}:"),
)
_LEVELS = ("info", "warn", "debug")
_PARTNERS = ("acme", "globex", "initech", "umbrella", "hooli")

_HUB_CALLERS = 6
"""Every so many services call the first one."""
_ROUTED = 80
"""So many have a route at most: a listener has 100 rules (Elastic Load Balancing quotas)."""


def names(count: int) -> list[str]:
    """Return the names of ``count`` services; those of a smaller system are among them."""
    subjects, roles = _SUBJECTS.split(), _ROLES.split()
    return [
        f"{subjects[index % len(subjects)]}-"
        f"{roles[(index % len(subjects) + index // len(subjects)) % len(roles)]}"
        f"{f'-{index // MOST}' if index >= MOST else ''}"
        for index in range(count)
    ]


def content(count: int, *, a_secret_each: bool = False) -> dict[str, Any]:
    """Return the description of a system of ``count`` services.

    Some have routes, each third reads a secret of its own, each fourth of these is rotated. They
    call one another in chains, and some all call the same one. With ``a_secret_each``, every one
    has a secret that is rotated. No two have the same variables, and few the same port, size,
    paths and scaling; a service is described alike however many there are.
    """
    called = names(count)
    services: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    for index, name in enumerate(called):
        one = _of_its_own(index, name) | _shard(len(services), SERVICES)
        services[name] = one
        if _listens(name):
            one["port"] = _PORTS[index % len(_PORTS)]
        if _listens(name) and index % 3 == 0 and index < 3 * _ROUTED:
            one["routes"] = [{"priority": index + 1, "paths": _paths(index, name)}]
        wanted = {called[index // 2]}
        if index % _HUB_CALLERS == 1:
            wanted.add(called[0])
        if index % 10 in {2, 3, 4}:
            wanted.add(called[index - 1])
        if calls := sorted(callee for callee in wanted - {name} if _listens(callee)):
            one["calls"] = calls
        if a_secret_each or index % 3 == 1:
            secret = f"{name}-key" if index % 2 else f"{_PARTNERS[index % 5]}-{index}"
            keys = [f"api_key_{index}", "token", "user"][: 1 + index % 3]
            one["secrets"] = {key.upper(): {"secret": secret, "key": key} for key in keys}
            secrets[secret] = {"description": f"What {name} signs with", "keys": keys}
            secrets[secret] |= _shard(len(secrets) - 1, SECRETS)
            if a_secret_each or index % 4 == 1:
                secrets[secret]["rotation"] = {"function": "rotate-keys-${EnvironmentSuffix}"}
    whole: dict[str, Any] = {"name": NAME, "description": f"Payments by {count} services"}
    whole |= {"environments": {"dev": "development"}, "services": services}
    return whole | ({"secrets": secrets} if secrets else {})


def _of_its_own(index: int, name: str) -> dict[str, Any]:
    """Return what services of one system rarely have in common."""
    one: dict[str, Any] = {}
    cpu, memory = _SIZES[index % len(_SIZES)]
    if index % 4:
        one |= {"cpu": cpu, "memory": memory}
    command = ["CMD", "/app/health"] if index % 3 else ["CMD", "/bin/live", f"--level={index}"]
    one["health_check"] = {"command": command}
    one["environment"] = {"LOG_LEVEL": _LEVELS[index % 3], "WORKERS": str(1 + index % 17)}
    for nth in range(index % 7):
        one["environment"][f"{_PARTNERS[nth % 5].upper()}_URL_{nth}"] = (
            f"https://{index}.test/{name}"
        )
    if index % 5 == 1:
        verb, action, arn = _USES[index % 4]
        resource = (
            f"arn:${{AWS::Partition}}:{arn}{_PARTNERS[index % 3]}-{index}-${{EnvironmentSuffix}}"
        )
        one["permissions"] = [
            {"sid": f"{verb}{index}", "actions": [action], "resources": [resource]}
        ]
    if index % 3 == 2:
        one["scaling"] = {"min": 2 + index % 2, "max": 4 + index % 9}
    return one


def _paths(index: int, name: str) -> list[str]:
    """Return the paths of a service that is open to clients."""
    return [f"/{name}/*", f"/v{index % 4}/{name}", f"/hooks/{index}/*"][: 1 + index // 3 % 3]


def write(folder: Path, count: int, *, a_secret_each: bool = False) -> Path:
    """Write a description into ``folder`` and return its file. JSON is YAML, too."""
    path = folder / f"{NAME}.yaml"
    path.write_text(json.dumps(content(count, a_secret_each=a_secret_each), indent=1))
    return path


@cache
def profiles(count: int, *, a_secret_each: bool = False) -> dict[Profile, System]:
    """Return the system of ``count`` services, by profile."""
    with TemporaryDirectory() as folder:
        return load_profiles(write(Path(folder), count, a_secret_each=a_secret_each))


def system(count: int, profile: Profile = Profile.PRODUCTION) -> System:
    """Return the system of ``count`` services as one profile has it."""
    return profiles(count)[profile]


@cache
def rendered(count: int, profile: Profile = Profile.PRODUCTION) -> Rendering:
    """Return the templates of the system of ``count`` services."""
    return rendering(system(count, profile))


def rendering(one: System) -> Rendering:
    """Return the templates of a system."""
    names = (*one.services, *one.secrets)
    return Rendering(one.name, render(one), one.profile.value, names)


def with_one_more(system: System, name: str, place: int) -> System:
    """Return the system with a service more, described in a ``place`` among the others, that calls
    another one and is in the last shard.
    """
    callee = next(one for one, spec in system.services.items() if spec.port)
    spec = system.services[callee].model_copy(
        update={
            "routes": (),
            "secrets": {},
            "calls": (callee,),
            "shard": max(system.shards_of_services),
        }
    )
    services = list(system.services.items())
    services.insert(place, (name, spec))
    return system.model_copy(update={"services": dict(services)})


def _shard(before: int, size: int) -> dict[str, int]:
    """Return the shard of something, given how many came before it; nothing for the first one."""
    number = 1 + before // size
    return {"shard": number} if number > 1 else {}


def _listens(name: str) -> bool:
    return not name.endswith("-worker")
