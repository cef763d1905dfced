"""Counts the calls to AWS of whole deployments, and compares them with the tables in the docs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from delivery import sources, stacks
from delivery.aws import Aws
from delivery.cli import main
from delivery.pace import AT_ONCE, PER_SECOND
from delivery.preflight import images, secrets
from delivery.preflight.run import CHECKS
from delivery.stacks import Step
from localaws import LocalSession
from localaws import deploy as local
from tests import many
from tests.delivery.calls import Calls
from tests.functions import make_function
from tests.systems_under_test import ROOT

PAGE = ROOT / "docs" / "deploy.md"
MANY = 100

Count = Callable[..., Calls]


@pytest.fixture
def count(ready: LocalSession, monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return a function that deploys a system and counts. Nobody has to wait for an operation: it
    has ended when the answer comes that it has begun.
    """
    monkeypatch.setitem(CHECKS, "images", images.check)
    monkeypatch.setitem(CHECKS, "secrets", secrets.check)
    plain = Aws.over
    onlooker = local.connect(ready)
    calls = Calls()
    deployed = ""

    def over(session: Any, endpoint_url: str | None = None) -> Aws:
        calls.of(session)
        session.events.register("after-call.cloudformation.ExecuteChangeSet", wait)
        return plain(session, endpoint_url)

    def wait(**_: Any) -> None:
        while True:
            stack = stacks.read(onlooker, f"{deployed}-dev")
            if stack and stacks.decision(stack, "")[0] is not Step.WAIT:
                return

    monkeypatch.setattr(Aws, "over", over)

    def deploy(system: str, *words: str) -> Calls:
        nonlocal deployed
        deployed = system
        calls.clear()
        assert main(["deploy", system, "dev", *words]) == 0
        return Calls(calls)

    return deploy


def pushed(ready: LocalSession, name: str) -> list[str]:
    """Push an image of each service, set every secret, and return the options that name them."""
    system = sources.describe(name, "dev")
    for secret, about in system.secrets.items():
        local.set_secret(ready, f"{system.name_prefix}-{secret}-dev", about.keys)
    digests = {name: local.push(ready, local.repository(system, name)) for name in system.services}
    return [word for name, digest in digests.items() for word in ("--image", f"{name}={digest}")]


def push_another(ready: LocalSession, name: str) -> list[str]:
    """Push another image of the first service and return the options that name it."""
    system = sources.describe(name, "dev")
    service = next(iter(system.services))
    ecr = ready.client("ecr")
    manifest = {"schemaVersion": 2, "layers": [], "annotations": {"version": "2"}}
    ecr.put_image(
        repositoryName=local.repository(system, service),
        imageManifest=json.dumps(manifest),
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag="v2",
    )
    return ["--image", f"{service}=v2"]


def measured(ready: LocalSession, count: Count, name: str) -> list[Calls]:
    """Return the calls of four deployments of a system, one after the other."""
    return [
        count(name),
        count(name, *pushed(ready, name)),
        count(name),
        count(name, *push_another(ready, name)),
    ]


def table(services: int, *rows: tuple[str, list[str]]) -> str:
    """Return a table of the docs: a column for each deployment."""
    titles = "first, without images", f"images for {services} services"
    head = ["Call", *titles, "nothing changed", "one new image"]
    lines = [head, ["---", *("---:" for _ in head[1:])], *([name, *cells] for name, cells in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def counted(found: list[Calls], *operations: str) -> list[tuple[str, list[str]]]:
    """Return a row for each operation, and one for all that there are."""
    rows = [(f"`{one}`", [str(calls[one]) for calls in found]) for one in operations]
    return [*rows, ("all", [str(calls.total()) for calls in found])]


def test_the_docs_say_how_many_calls_a_deployment_costs(ready: LocalSession, count: Count) -> None:
    found = measured(ready, count, "gateway")
    lines = table(3, *counted(found, *sorted({one for calls in found for one in calls})))
    assert lines in PAGE.read_text(), f"docs/deploy.md must have this table:\n{lines}"


@pytest.fixture
def of_many(project: Path, ready: LocalSession) -> str:
    """The name of a system of many services, ready to be deployed."""
    many.write(project / "systems", MANY)
    given = {"EnvironmentSuffix": "dev", "CertificateArn": "/many/certificate"}
    file = project / "parameters" / f"{many.NAME}-dev.json"
    file.write_text(json.dumps({"Parameters": given}))
    local.make_certificate(ready, given["CertificateArn"])
    make_function(ready, "rotate-keys-dev")
    return many.NAME


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_docs_say_which_calls_grow_with_the_services(
    of_many: str, ready: LocalSession, count: Count
) -> None:
    """Takes a minute: each of the four deployments builds all services, and makes change sets."""
    found = measured(ready, count, of_many)
    grow = sorted({one for calls in found for one in calls if calls[one] >= MANY // 4})
    clouds = [sum(calls[one] for one in calls if "cloudformation" in one) for calls in found]
    waits = [max(0, round((calls - AT_ONCE) / PER_SECOND)) for calls in clouds]
    rows = (
        *counted(found, *grow),
        ("of them to CloudFormation", list(map(str, clouds))),
        ("seconds until the last of these may be made", list(map(str, waits))),
    )
    lines = table(MANY, *rows)
    assert lines in PAGE.read_text(), f"docs/deploy.md must have this table:\n{lines}"
