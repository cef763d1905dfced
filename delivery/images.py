"""The images of a system's services: which are deployed, which digest a tag is, how to push one."""

import argparse
import base64
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from checks.columns import columns
from delivery import arguments, sources, stacks
from delivery.aws import Aws, explained
from delivery.errors import DeliveryError, InputError, nearest
from delivery.given import connect
from delivery.output import data, dumps, tell
from delivery.parameters import TAG
from delivery.registry import find, registry_host, repository_name
from delivery.stacks import stack_name
from description import digests

if TYPE_CHECKING:
    from description.model import System

_PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


@dataclass(frozen=True)
class Deployed:
    """The image of a service, as the stack has it."""

    service: str
    repository: str
    digest: str
    """Empty: the service waits for its image."""
    tags: tuple[str, ...] = ()
    pushed: str = ""
    """When, in UTC; empty where the image is in no repository (any more)."""


@dataclass(frozen=True)
class Push:
    """One service's image to build and push."""

    service: str
    folder: Path
    platform: str
    uri: str
    """With its tag."""

    @property
    def commands(self) -> tuple[list[str], list[str]]:
        """What builds it, and what pushes it."""
        build = ["docker", "build", "--platform", self.platform, "--tag", self.uri]
        return [*build, str(self.folder)], ["docker", "push", self.uri]


def run(given: argparse.Namespace, console: Console) -> int:
    """List what is deployed; with a tag, print what builds and pushes, or do it."""
    system = sources.describe(given.system, given.environment)
    aws = connect(given)
    if given.push is None:
        found = list(deployed(aws, system, given.environment))
        if given.json:
            data(dumps([asdict(one) for one in found]))
        else:
            for line in columns([_cells(one) for one in found]):
                data(line)
        return 0
    host = registry_host(aws, _registry_account(aws, system, given.environment))
    pushes = wanted(system, given, host)
    docker = shutil.which("docker") if given.with_docker else None
    if docker:
        _push(docker, aws, console, host, pushes)
    else:
        for line in script(aws, host, pushes):
            data(line)
    if given.with_docker and not docker:
        raise DeliveryError(
            "There is no docker here, and nothing was pushed. Run what is printed where it is."
        )
    images = " ".join(f"--image {one.service}={given.push}" for one in pushes)
    place = shlex.join([given.system, given.environment])
    tell(console, f"Then: {arguments.LAUNCHER} deploy {place} {aws.cli_options} {images}")
    return 0


def deployed(aws: Aws, system: "System", environment: str) -> Iterator[Deployed]:
    """Yield the image of each service of a system."""
    stack = stacks.read(aws, stack_name(system.name, environment))
    parameters = stack.parameters if stack else {}
    account = parameters.get("RegistryAccountId", "")
    known = digests.known(parameters, system.services)
    for service in system.services:
        repository = repository_name(system, service, environment)
        digest = known.get(service, "")
        found = find(aws, repository, account, digest) if digest else None
        if found:
            pushed = f"{found.pushed:%Y-%m-%d %H:%M}"
            yield Deployed(service, repository, digest, found.tags, pushed)
        else:
            yield Deployed(service, repository, digest)


def wanted(system: "System", given: argparse.Namespace, host: str) -> list[Push]:
    """Return what is to be built. Raises ``InputError`` for a service or folder that is not there,
    and for a tag that cannot be one.
    """
    if not TAG.fullmatch(given.push):
        raise InputError(
            f"--push {given.push}: cannot be a tag. Use up to 128 letters, digits, dots, "
            "hyphens and underscores."
        )
    for name in given.service:
        if name not in system.services:
            raise InputError(
                f"--service {name}: there is no such service. {nearest(name, system.services)}"
            )
    pushes = []
    for name in given.service or system.services:
        folder = given.folder / name
        if not (folder / "Dockerfile").is_file():
            raise InputError(
                f"There is no Dockerfile in {folder}. Name the folder that holds a folder for each "
                "service with --folder, or the services to push with --service."
            )
        uri = f"{host}/{repository_name(system, name, given.environment)}:{given.push}"
        platform = _PLATFORMS[system.services[name].architecture.upper()]
        pushes.append(Push(name, folder, platform, uri))
    return pushes


def script(aws: Aws, host: str, pushes: Sequence[Push]) -> Iterator[str]:
    """Yield the commands that build and push, for a shell."""
    yield (
        f"aws ecr get-login-password {aws.cli_options} | "
        f"docker login --username AWS --password-stdin {host}"
    )
    for one in pushes:
        yield from map(shlex.join, one.commands)


def _push(docker: str, aws: Aws, console: Console, host: str, pushes: Sequence[Push]) -> None:
    with explained():
        token = aws.client("ecr").get_authorization_token()["authorizationData"][0]
    password = base64.b64decode(token["authorizationToken"]).partition(b":")[2]
    login = ["login", "--username", "AWS", "--password-stdin", host]
    _docker(docker, login, "Signing in to the registry", password)
    for one in pushes:
        for command in one.commands:
            tell(console, shlex.join(command))
            _docker(docker, command[1:], shlex.join(command))


def _docker(docker: str, words: Sequence[str], what: str, secret: bytes | None = None) -> None:
    """Run docker; its own progress goes where ours goes. ``secret`` is what it reads."""
    whole = [docker, *words]
    code = subprocess.run(whole, input=secret, stdout=2, check=False).returncode  # noqa: S603  no shell
    if code:
        raise DeliveryError(f"{what} failed: docker ended with {code}. Its own words are above.")


def _registry_account(aws: Aws, system: "System", environment: str) -> str:
    """Return the account of an existing registry, as the stack has it."""
    if system.registry.mode == "create":
        return ""
    stack = stacks.read(aws, stack_name(system.name, environment))
    return stack.parameters.get("RegistryAccountId", "") if stack else ""


def _cells(one: Deployed) -> tuple[str, ...]:
    if not one.digest:
        return one.service, one.repository, "no image", "", ""
    return one.service, one.repository, one.digest, ",".join(one.tags), one.pushed or "is not there"
