"""``./deploy.sh diff`` on the command line, and beside the change set of the same deployment."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import build
from delivery.cli import main
from localaws import LocalSession
from tests.delivery.samples import DIGEST, IMAGES, OTHER_DIGEST

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("unlinted")


def rewrite(project: Path, *changes: tuple[str, str]) -> None:
    """Change texts in the description of the gateway."""
    path = project / "systems" / "gateway.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def printed(capsys: Capture) -> dict[str, Any]:
    """Return the changes that were printed as JSON, by address, but those of nested stacks."""
    changes = json.loads(capsys.readouterr().out)["changes"]
    return {c["address"]: c for c in changes if c["type"] != "AWS::CloudFormation::Stack"}


def built(project: Path, folder: Path) -> Path:
    """Build the gateway as the project has it now; return the folder."""
    assert build.main(["--project", str(project), "--system", "gateway", "--out", str(folder)]) == 0
    return folder


def test_what_is_deployed_does_not_differ_from_what_was_deployed(
    ready: LocalSession, capsys: Capture
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    assert main(["diff", "gateway", "dev"]) == 0
    assert capsys.readouterr().err.endswith("gateway-dev: no changes\n")


CHANGES = [
    ("10.0.0.0/24, 10.0.1.0/24", "10.0.4.0/24, 10.0.1.0/24"),
    ("min: 2", "min: 3"),
    ("db-credentials", "database-credentials"),
]


@pytest.mark.slow(reason="deploys a system and compares each of its changes")
def test_a_forecast_finds_what_a_change_set_finds_and_is_surer(
    project: Path, ready: LocalSession, capsys: Capture, tmp_path: Path
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    rewrite(project, *CHANGES)
    words = ["gateway", "dev", "--image", f"api-gateway={OTHER_DIGEST}", "--json"]
    capsys.readouterr()
    assert main(["plan", *words]) in {0, 3}
    planned = printed(capsys)
    comment = tmp_path / "diff.md"
    assert main(["diff", *words, "--markdown", str(comment)]) in {0, 3}
    forecast = printed(capsys)
    assert comment.read_text().startswith("### `gateway-dev`: ")

    assert forecast["PublicSubnetA"]["replacement"] == "yes"
    assert forecast["ApiGatewayService/TaskDefinition"]["replacement"] == "yes"
    assert forecast["ApiGatewayService/ScalableTarget"]["replacement"] == "no"
    assert forecast.keys() <= planned.keys()
    for address, change in planned.items():
        said = forecast.get(address, {"action": "Modify", "replacement": "no"})
        assert said["action"] == change["action"], address
        if change["replacement"] == "no":
            assert said["replacement"] == "no", address
        if change["replacement"] == "yes":
            assert said["replacement"] == "yes", address


def test_two_builds_are_compared_without_aws(
    project: Path, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.Session", None)
    old = built(project, tmp_path / "old")
    rewrite(project, ("min: 2", "min: 3"))
    capsys.readouterr()
    assert main(["diff", "gateway", "prod", "--from", str(old)]) == 0
    with_project = capsys.readouterr().out
    assert "MinCapacity: 2 → 3\n" in with_project
    assert re.search(r"^gateway-prod: \d+ to modify$", with_project, re.MULTILINE)

    new = built(project, tmp_path / "new")
    rewrite(project, ("min: 3", "min: 4"))
    capsys.readouterr()
    exactly = str(new / "gateway" / "production")
    assert main(["diff", "gateway", "prod", "--from", str(old), "--to", exactly]) == 0
    assert capsys.readouterr().out == with_project


def test_what_the_policy_would_refuse_is_told_before_anything_is_sent(
    project: Path, capsys: Capture, tmp_path: Path
) -> None:
    old = built(project, tmp_path / "old")
    rewrite(project, ("10.0.0.0/24, 10.0.1.0/24", "10.0.4.0/24, 10.0.1.0/24"))
    words = ["diff", "gateway", "prod", "--from", str(old)]
    capsys.readouterr()
    assert main(words) == 3
    assert "PublicSubnetA (AWS::EC2::Subnet) would be replaced" in capsys.readouterr().err
    allowed = ["PublicSubnetA", "Network/NatGateway", "Network/NatGatewayA"]
    assert main([*words, *(word for address in allowed for word in ("--allow", address))]) == 0


def test_a_replacement_that_cannot_succeed_is_a_failure(
    project: Path, capsys: Capture, tmp_path: Path
) -> None:
    old = built(project, tmp_path / "old")
    file = old / "gateway" / "production" / "registry.json"
    registry = json.loads(file.read_text())
    for resource in registry["Resources"].values():
        resource["Properties"]["EncryptionConfiguration"] = {"EncryptionType": "KMS_DSSE"}
    file.write_text(json.dumps(registry))
    capsys.readouterr()
    assert main(["diff", "gateway", "prod", "--from", str(old), "--json"]) == 1
    said = capsys.readouterr()
    assert len(json.loads(said.out)["obstacles"]) == 3
    assert "Registry/ApiGatewayRepository cannot be replaced as it is" in said.err


def test_what_is_deployed_cannot_move_to_another_shard_and_is_told_so_before(
    project: Path, ready: LocalSession, capsys: Capture
) -> None:
    del ready
    assert main(["deploy", "gateway", "dev"]) == 0
    rewrite(
        project,
        ("  fraud-detector:\n", "  fraud-detector:\n    shard: 2\n"),
        ("  api-keys:\n", "  api-keys:\n    shard: 2\n"),
    )
    moved = [
        ("Roles2/FraudDetectorLogGroup", "Roles/FraudDetectorLogGroup"),
        ("Security2/ApiKeysSecret", "Security/ApiKeysSecret"),
    ]
    for command in ("check", "deploy", "diff"):
        capsys.readouterr()
        assert main([command, "gateway", "dev"]) == 1
        said = capsys.readouterr()
        for new, old in moved:
            assert f"{new} cannot be made: " in said.out + said.err
            assert f"{old}" in said.out + said.err
        assert "deployed keeps its shard" in said.out + said.err
    rewrite(project, ("    shard: 2\n", ""))
    assert main(["diff", "gateway", "dev"]) == 0
    assert capsys.readouterr().err.endswith("gateway-dev: no changes\n")


def test_another_key_of_the_registry_is_told_and_refused_in_production(
    project: Path, capsys: Capture, tmp_path: Path
) -> None:
    old = built(project, tmp_path / "old")
    rewrite(project, ("  scan_on_push: true\n", "  scan_on_push: true\n  key: aws\n"))
    capsys.readouterr()
    assert main(["diff", "gateway", "prod", "--from", str(old), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)

    repositories = {
        f"Registry/{name}Repository" for name in ("ApiGateway", "FraudDetector", "PaymentProcessor")
    }
    changes = {one["address"]: one for one in document["changes"]}
    for address in repositories:
        assert changes[address]["replacement"] == "yes"
        assert changes[address]["refusedBy"] == "images"
        assert {cause["property"] for cause in changes[address]["causes"]} == {
            "EncryptionConfiguration/EncryptionType",
            "EncryptionConfiguration/KmsKey",
        }
    assert len(document["obstacles"]) == 3


def test_without_a_stack_there_is_nothing_to_compare_with(
    ready: LocalSession, capsys: Capture
) -> None:
    del ready
    for _ in ("absent", "under review"):
        assert main(["diff", "gateway", "dev", "--image", f"api-gateway={DIGEST}"]) == 1
        assert "There is no stack gateway-dev in us-east-1: all would be new" in (
            capsys.readouterr().err
        )
        assert main(["plan", "gateway", "dev"]) == 0


def test_a_folder_without_a_build_is_bad_input(
    project: Path, capsys: Capture, tmp_path: Path
) -> None:
    del project
    assert main(["diff", "gateway", "prod", "--from", str(tmp_path / "none")]) == 2
    assert "There is no build in" in capsys.readouterr().err
