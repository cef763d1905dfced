"""Counts the calls to AWS of whole deployments, and compares them with the table in the docs."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from delivery import sources, stacks
from delivery.aws import Aws
from delivery.cli import main
from delivery.preflight import images, secrets
from delivery.preflight.run import CHECKS
from delivery.stacks import Step
from localaws import LocalSession
from localaws import deploy as local
from tests.delivery.calls import Calls
from tests.systems_under_test import ROOT

PAGE = ROOT / "docs" / "deploy.md"

Count = Callable[..., Calls]


@pytest.fixture
def count(ready: LocalSession, monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return a function that deploys the gateway and counts. Nobody has to wait for an operation:
    it has ended when the answer comes that it has begun.
    """
    monkeypatch.setitem(CHECKS, "images", images.check)
    monkeypatch.setitem(CHECKS, "secrets", secrets.check)
    plain = Aws.over
    onlooker = local.connect(ready)
    calls = Calls()

    def over(session: Any, endpoint_url: str | None = None) -> Aws:
        calls.of(session)
        session.events.register("after-call.cloudformation.ExecuteChangeSet", wait)
        return plain(session, endpoint_url)

    def wait(**_: Any) -> None:
        while True:
            stack = stacks.read(onlooker, "gateway-dev")
            if stack and stacks.decision(stack, "")[0] is not Step.WAIT:
                return

    monkeypatch.setattr(Aws, "over", over)

    def deploy(*words: str) -> Calls:
        calls.clear()
        assert main(["deploy", "gateway", "dev", *words]) == 0
        return Calls(calls)

    return deploy


def pushed(ready: LocalSession) -> list[str]:
    """Push an image of each service, set every secret, and return the options that name them."""
    system = sources.describe("gateway", "dev")
    for secret, about in system.secrets.items():
        local.set_secret(ready, f"{system.name_prefix}-{secret}-dev", about.keys)
    digests = {name: local.push(ready, local.repository(system, name)) for name in system.services}
    return [word for name, digest in digests.items() for word in ("--image", f"{name}={digest}")]


def push_another(ready: LocalSession) -> str:
    """Push another image of one service and return its tag."""
    ecr = ready.client("ecr")
    manifest = {"schemaVersion": 2, "layers": [], "annotations": {"version": "2"}}
    ecr.put_image(
        repositoryName="payment-api-gateway-dev",
        imageManifest=json.dumps(manifest),
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag="v2",
    )
    return "v2"


TITLES = ("first, without images", "images for 3 services", "nothing changed", "one new image")


def table(measured: list[Calls]) -> list[str]:
    """Return the table of the docs: a row for each operation, a column for each deployment."""
    operations = sorted({operation for calls in measured for operation in calls})
    rows = [[f"`{one}`", *(str(calls[one]) for calls in measured)] for one in operations]
    sums = ["all", *(str(calls.total()) for calls in measured)]
    lines = [["Call", *TITLES], ["---", *("---:" for _ in TITLES)], *rows, sums]
    return [f"| {' | '.join(line)} |" for line in lines]


def test_the_docs_say_how_many_calls_a_deployment_costs(ready: LocalSession, count: Count) -> None:
    measured = [
        count(),
        count(*pushed(ready)),
        count(),
        count("--image", f"api-gateway={push_another(ready)}"),
    ]
    lines = "\n".join(table(measured))
    assert lines in PAGE.read_text(), f"docs/deploy.md must have this table:\n{lines}"
