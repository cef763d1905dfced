"""Commands for a system that CloudFormation does not take at once."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery import waves
from delivery.cli import main
from localaws import LocalSession, limits
from localaws.deploy import make_certificate
from tests import many
from tests.delivery.samples import DIGEST

Capture = pytest.CaptureFixture[str]
Deploy = Callable[..., None]
BACK = ["rollback", "many", "dev"]


@pytest.fixture
def deploy(project: Path, ready: LocalSession) -> Deploy:
    """Deploys so many services, with or without images."""
    certificate = "/payment/many/dev/certificate-arn"
    make_certificate(ready, certificate)
    given = {"Parameters": {"EnvironmentSuffix": "dev", "CertificateArn": certificate}}
    (project / "parameters" / "many-dev.json").write_text(json.dumps(given))

    def deploy(count: int, *more: str, images: bool = True, command: str = "deploy") -> None:
        described = many.content(count)
        del described["secrets"]
        for one in described["services"].values():
            one.pop("secrets", None)
        (project / "systems" / "many.yaml").write_text(json.dumps(described))
        pinned = [f"--image={name}={DIGEST}" for name in many.names(count)] if images else []
        assert main([command, "many", "dev", *pinned, *more]) == 0

    return deploy


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets one operation touch so many resources."""

    def allow(count: int) -> None:
        for module in (waves, limits):
            monkeypatch.setattr(module, "NEST_RESOURCES", count)

    return allow


def running(account: LocalSession) -> int:
    ecs = account.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    return len(ecs.list_services(cluster=cluster)["serviceArns"])


def told(capsys: Capture) -> list[str]:
    return re.findall(r"many-dev: (wave \d of \d)", capsys.readouterr().err)


def test_services_that_have_come_since_go_in_waves_of_their_own(
    deploy: Deploy, allow: Callable[[int], None], ready: LocalSession, capsys: Capture
) -> None:
    deploy(2)
    deploy(7)
    capsys.readouterr()
    allow(20)
    assert main([*BACK, "--yes"]) == 2
    said = capsys.readouterr().err
    assert "Or go back to another deployment with --to: ./deploy.sh rollback --list" in said
    assert running(ready) == 7

    allow(52)
    assert main(BACK) == 0
    shown = capsys.readouterr()
    assert ": wave 1 of 2, in which AuthorizationAudit, BalanceCache, Capt" in shown.err
    carry_out = shown.err.splitlines()[-1].partition("./deploy.sh ")[2].split()
    assert main(carry_out) == 0
    said = capsys.readouterr().err
    assert "Waves that are left: 1. Go on with: ./deploy.sh rollback many dev --to 20" in said
    assert 2 < running(ready) < 7

    assert main([*BACK, "--yes"]) == 0, "goes on with what has begun"
    assert running(ready) == 2
    capsys.readouterr()
    assert main([*BACK, "--list"]) == 0
    _, back, grown, first = capsys.readouterr().out.splitlines()
    assert f"back to {first.split()[0]}, templates" in back
    assert "back to" not in grown


def test_images_go_back_in_waves(
    deploy: Deploy, allow: Callable[[int], None], ready: LocalSession, capsys: Capture
) -> None:
    deploy(7, images=False)
    deploy(7)
    capsys.readouterr()
    allow(52)
    assert main([*BACK, "--yes"]) == 0
    assert told(capsys) == ["wave 1 of 2"], "the last one is told as any rollback"
    assert running(ready) == 0


def test_services_that_are_described_no_more_go_before_the_rest(
    deploy: Deploy, allow: Callable[[int], None], ready: LocalSession, capsys: Capture
) -> None:
    deploy(7)
    capsys.readouterr()
    allow(52)
    deploy(2, command="plan")
    shown = capsys.readouterr()
    assert ": wave 1 of 2, in which AuthorizationAudit, BalanceCache, Capt" in shown.err
    deploy(2, "--change-set", shown.out.split()[-1])
    assert "Waves that are left: 1. Go on with: " in capsys.readouterr().err
    assert 2 < running(ready) < 7

    deploy(2)
    assert running(ready) == 2
    assert told(capsys) == []
