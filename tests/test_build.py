import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import build
from checks import contracts, own, quotas
from checks.build import Project
from checks.linting.linter import Linter
from checks.verdict import PACKAGED
from delivery.launch import INTERRUPTED
from description.model import Profile, System
from description.rules.services import MOST_SERVICES
from localaws import LocalAws
from templates.render import render as render_templates
from tests import many
from tests.systems_under_test import ROOT


@pytest.fixture
def linted(tmp_path: Path) -> Project:
    """A copy of both reference systems, which remembers what was linted in this repository."""
    for folder in ("systems", "parameters"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (ROOT / ".cache" / "lint").mkdir(parents=True, exist_ok=True)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "lint").symlink_to(ROOT / ".cache" / "lint")
    return Project(tmp_path)


@pytest.fixture
def project(linted: Project, unlinted: None) -> Project:
    """Such a copy, where cfn-lint is not asked."""
    del unlinted
    return linted


def run(project: Project, *arguments: str) -> int:
    return build.main(["--project", str(project.root), *arguments])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_finds_nothing_in_the_reference_systems(
    linted: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(linted) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].split() == ["template", "resources", "bytes", "findings"]
    assert len({len(line) for line in lines}) == 1
    files = contents(linted.out)
    for line in lines[1:]:
        name, resources, size, findings = line.split()
        assert int(size.replace(",", "")) == len(files[name])
        assert int(resources) == len(json.loads(files[name])["Resources"])
        assert findings == "0"
    assert {line.split()[0] for line in lines[1:]} == {
        name for name in files if not name.endswith(".overrides.json")
    }


def test_writes_the_parameters_in_the_form_that_every_aws_cli_reads(project: Project) -> None:
    assert run(project, "--system", "payments") == 0
    overrides = json.loads(
        (project.out / "payments" / "production" / "prod.overrides.json").read_bytes()
    )
    assert "EnvironmentSuffix=prod" in overrides
    folder = project.out / "payments"
    assert {str(path.relative_to(folder)) for path in folder.glob("*/*.overrides.json")} == {
        "development/dev.overrides.json",
        "production/staging.overrides.json",
        "production/prod.overrides.json",
    }


def test_a_second_build_touches_no_file(project: Project) -> None:
    assert run(project, "--system", "gateway") == 0
    before = {path: path.stat().st_mtime_ns for path in project.out.rglob("*")}
    assert len(before) > 10
    assert run(project, "--system", "gateway") == 0
    assert {path: path.stat().st_mtime_ns for path in project.out.rglob("*")} == before


def test_two_processes_build_the_same_bytes(linted: Project, tmp_path: Path) -> None:
    built = []
    for seed in ("1", "2"):
        out = tmp_path / f"out-{seed}"
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, ROOT / "build.py", "--project", linted.root, "--out", out],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"},
            cwd=tmp_path,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        built.append(contents(out))
    assert len(built[0]) > 20
    assert built[0] == built[1]


def test_says_the_same_again_while_nothing_has_changed(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(project.parameters / "gateway-prod.json", '"prod",', '"Prod",')
    assert run(project, "--system", "gateway") == 1
    said = capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr("checks.build.build", None)
        assert run(project, "--system", "gateway") == 1
    assert capsys.readouterr() == said
    edit(project.parameters / "gateway-prod.json", '"Prod",', '"prod",')
    assert run(project, "--system", "gateway") == 0
    assert capsys.readouterr().out != said.out


def test_what_is_hidden_or_in_a_folder_beside_them_is_no_description_and_no_parameter_file(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project) == 0
    said = capsys.readouterr().out
    for folder, file in (
        (project.systems, "gateway.yaml"),
        (project.parameters, "gateway-dev.json"),
    ):
        (folder / "archive").mkdir()
        shutil.copy(folder / file, folder / "archive")
        (folder / f".#{file}").symlink_to("somebody@somewhere.4711:1700000000")
        (folder / f"._{file}").write_text("what a Mac knows of it")
    shutil.rmtree(project.root / ".cache" / "build")
    assert run(project) == 0
    assert capsys.readouterr().out == said
    assert any((project.root / ".cache" / "build").iterdir())


def test_what_was_built_is_mended_though_nothing_else_has_changed(project: Project) -> None:
    assert run(project, "--system", "gateway") == 0
    before = contents(project.out)
    (project.out / "gateway" / "production" / "network.json").write_text("{}")
    (project.out / "gateway" / "production" / "former.json").write_text("{}")
    shutil.rmtree(project.out / "gateway" / "development")
    assert run(project, "--system", "gateway") == 0
    assert contents(project.out) == before


def test_removes_what_is_no_longer_rendered_and_nothing_else(project: Project) -> None:
    assert run(project, "--system", "gateway") == 0
    folder = project.out / "gateway" / "production"
    (folder / "service-former.json").write_text("{}")
    (folder / "former.overrides.json").write_text("[]")
    (folder / "notes.txt").write_text("mine")
    (project.parameters / "gateway-staging.json").unlink()
    before = contents(folder)
    assert run(project, "--system", "gateway") == 0
    gone = {"service-former.json", "former.overrides.json", "staging.overrides.json"}
    assert contents(folder).keys() == before.keys() - gone
    assert (folder / "notes.txt").exists()


def test_builds_the_named_systems_only(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project.systems / "payments.yaml", "name: payments", "nmae: payments")
    (project.parameters / "gatway-dev.json").write_text("{}")
    assert run(project, "--system", "gateway", "--out", str(project.root / "elsewhere")) == 0
    assert {path.name for path in (project.root / "elsewhere").iterdir()} == {"gateway"}
    assert not project.out.exists()
    assert "payments" not in capsys.readouterr().out


@pytest.fixture
def asked(linted: Project, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that cfn-lint is asked to read, which remembers nothing and finds nothing."""
    asked: list[Path] = []

    def nothing_found(_: Linter, files: list[Path]) -> list[list[str]]:
        asked.extend(files)
        return [[] for _ in files]

    (linted.root / ".cache" / "lint").unlink()
    monkeypatch.setattr(Linter, "_start", lambda _: None)
    monkeypatch.setattr(Linter, "_run", nothing_found)
    return asked


def names(files: list[Path]) -> set[str]:
    return {file.name for file in files}


def test_a_changed_service_is_linted_with_its_ancestors_and_nothing_else(
    linted: Project, asked: list[Path]
) -> None:
    assert run(linted) == 0
    assert {"network.json", "service-api-gateway.json"} < names(asked)

    asked.clear()
    description = linted.systems / "gateway.yaml"
    before, name, after = description.read_text().partition("  fraud-detector:\n")
    description.write_text(before + name + after.replace("memory: 2048", "memory: 3072", 1))
    assert run(linted) == 0
    assert names(asked) == {"service-fraud-detector.json"}

    asked.clear()
    processor = "  payment-processor:\n"
    edit(description, processor, f"{processor}    calls: [fraud-detector]\n")
    assert run(linted) == 0
    assert {"service-payment-processor.json", "parent.json"} <= names(asked)
    assert names(asked) <= {"service-payment-processor.json", "services.json", "parent.json"}


def test_a_full_build_lints_every_template(linted: Project, asked: list[Path]) -> None:
    assert run(linted, "--full") == 0
    templates = {
        path.read_bytes()
        for path in linted.out.rglob("*.json")
        if not path.name.endswith(".overrides.json")
    }
    assert {path.read_bytes() for path in asked} == templates
    assert len(templates) > 20


def test_a_mistake_in_a_description_writes_nothing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project.systems / "payments.yaml", "zones: 3", "zones: 9")
    edit(project.systems / "payments.yaml", "calls: [fraud-detection,", "calls: [fraud,")
    assert run(project) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "zones" in err
    assert "calls" in err
    assert "Traceback" not in err
    assert not project.out.exists()
    assert run(project, "--system", "payments", "--system", "gateway") == 2
    assert not project.out.exists()


def test_an_unknown_system_is_bad_input(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--system", "gatway") == 2
    assert capsys.readouterr().err == (
        "No such system: gatway. systems/ describes gateway, payments.\n"
    )


@pytest.mark.parametrize("out", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_made_is_bad_input(
    project: Project, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    (project.root / "taken").touch()
    assert run(project, "--out", str(project.root / out)) == 2
    folder = f"{project.root}/{out}/gateway/production"
    assert re.fullmatch(
        rf"Cannot write {folder}: \w.*\. Give another folder with --out\.\n",
        capsys.readouterr().err,
    )


def test_an_interruption_is_one_word(linted: Project) -> None:
    """Reading a description waits for its writer, so that the build is surely at work."""
    slow = linted.systems / "slow.yaml"
    os.mkfifo(slow)
    with (
        subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, ROOT / "build.py", "--project", linted.root],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as building,
        slow.open("w"),
    ):
        building.send_signal(signal.SIGINT)
        said = building.communicate(timeout=60)
    assert (building.returncode, *said) == (INTERRUPTED, "", "Interrupted.\n")


def test_a_finding_is_shown_with_rule_file_place_and_message(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project.parameters / "gateway-prod.json", '"prod",', '"prod", "LogRetentionDays": "90",')
    edit(project.parameters / "payments-dev.json", '"CertificateArn"', '"CertificateAm"')
    (project.parameters / "gatway-dev.json").write_text('{"Parameters": {}}')
    assert run(project) == 1
    out = capsys.readouterr().out
    assert re.search(
        r"^E9407  parameters/gateway-prod.json +Parameters/LogRetentionDays +must be",
        out,
        re.M,
    )
    assert re.search(r"^E9405  parameters/payments-dev.json +Parameters/CertificateAm", out, re.M)
    assert re.search(r"^E9406  parameters/payments-dev.json +Parameters/CertificateArn", out, re.M)
    assert re.search(r"^E9401  parameters/gatway-dev.json +is for no system", out, re.M)
    folder = project.out / "gateway"
    assert not (folder / "production" / "prod.overrides.json").exists()
    assert (folder / "production" / "staging.overrides.json").exists()
    assert (folder / "development" / "dev.overrides.json").exists()


def test_what_cfn_lint_finds_fails_the_build(
    linted: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checks.accepted.ACCEPTED", ())
    monkeypatch.setattr("checks.build.without_accepted", lambda found: list(found))
    assert run(linted, "--system", "gateway") == 1
    out = capsys.readouterr().out
    assert re.search(r"^gateway/production/parent.json .* [1-9]\d*$", out, re.M)
    assert re.search(r"^W3002  gateway/production/parent.json ", out, re.M)


def test_quotas_contracts_and_our_own_rules_fail_the_build(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(system: System) -> dict[str, bytes]:
        files = render_templates(system)
        parent = json.loads(files["parent.json"])
        parent["Description"] = "a" * 1025
        del parent["Outputs"]["RegistryUri"]
        service = json.loads(files["service-payment-processor.json"])
        service["Resources"]["Service"]["Properties"]["LaunchType"] = "FARGATE"
        changed = {"parent.json": parent, "service-payment-processor.json": service}
        return {**files, **{name: json.dumps(it).encode() for name, it in changed.items()}}

    monkeypatch.setattr("templates.render.render", spoilt)
    assert run(project, "--system", "gateway") == 1
    out = capsys.readouterr().out
    for expected in (
        "E9101  gateway/production/service-payment-processor.json  .*LaunchType",
        "E9204  gateway/production/parent.json  .*RegistryUri",
        "E9305  gateway/development/parent.json  .*Description",
    ):
        assert re.search(f"^{expected}", out, re.MULTILINE)


def test_a_connection_that_is_not_described_fails_the_build(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(system: System) -> dict[str, bytes]:
        files = render_templates(system)
        services = json.loads(files["services.json"])
        group = services["Resources"]["FraudDetectorSecurityGroup"]["Properties"]
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/16"}
        group["SecurityGroupIngress"] = [rule]
        return {**files, "services.json": json.dumps(services).encode()}

    monkeypatch.setattr("templates.render.render", spoilt)
    assert run(project, "--system", "gateway") == 1
    found = re.findall(r"^E95.*$", capsys.readouterr().out, re.MULTILINE)
    for line, profile in zip(found, ("development", "production"), strict=True):
        assert re.search(f"E9502  gateway/{profile}/services.json  .*0/16 reaches fraud-det", line)


def test_who_can_reach_whom_is_data_and_the_report_then_is_progress(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--reachability") == 0
    out, err = capsys.readouterr()
    assert err.startswith("template")
    assert [line for line in out.splitlines() if line.endswith(")")] == [
        "gateway (prod, staging)",
        "gateway (dev)",
        "payments (prod, staging)",
        "payments (dev)",
    ]


def test_a_timeline_is_text_and_a_picture_of_each_profile(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--system", "gateway", "--timeline") == 0
    out, err = capsys.readouterr()
    assert err.startswith("template")
    titles = re.findall(r"^gateway, (\w+) \((\w+)\): estimates", out, re.MULTILINE)
    assert titles == [("production", "prod"), ("development", "dev")]
    for profile, environment in titles:
        drawn = (project.out / "gateway" / profile / "timeline.svg").read_text()
        assert f"First deployment of gateway, {profile} ({environment})" in drawn


def test_what_cannot_be_resolved_has_no_timeline(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in project.parameters.glob("gateway-*"):
        edit(path, '"EnvironmentSuffix"', '"Suffix"')
    assert run(project, "--system", "gateway", "--timeline") == 1
    out, err = capsys.readouterr()
    assert "gateway/production has no timeline: gateway/production/parent.json:" in err
    assert not out


def test_evidence_is_a_page_and_json_for_each_environment(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--system", "gateway", "--evidence") == 0
    out, err = capsys.readouterr()
    folder = project.out / "evidence"
    pages = {folder / f"gateway-{name}.html" for name in ("dev", "staging", "prod")}
    assert {Path(line) for line in out.splitlines()} == pages
    assert err.startswith("template")
    for page in pages:
        content = json.loads(page.with_suffix(".json").read_text())
        assert f"{content['system']}-{content['environment']}" == page.stem
        assert content["environment"] in page.read_text()


def test_a_production_control_that_does_not_hold_is_no_success(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project.systems / "payments.yaml", "protocol: https", "web_acl: none #")
    assert run(project, "--system", "payments", "--evidence") == 1
    said = [line for line in capsys.readouterr().err.splitlines() if "does not show" in line]
    assert [line.partition(":")[0] for line in said if " 6.4.2" in line] == [
        "payments-prod does not show 6.4.2",
        "payments-staging does not show 6.4.2",
    ]
    assert not [line for line in said if line.startswith("payments-dev")]
    assert (project.out / "evidence" / "payments-prod.html").exists()


def test_a_system_without_parameter_files_is_checked_with_a_sample(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in project.parameters.glob("gateway-*"):
        path.unlink()
    assert run(project, "--system", "gateway", "--reachability") == 0
    assert capsys.readouterr().out.startswith("gateway (sample)")


def test_the_readme_says_how_many_services_a_system_may_have() -> None:
    readme = (ROOT / "README.md").read_text()
    assert f"up to {MOST_SERVICES} services" in readme
    assert f"deletes {quotas.NEST_RESOURCES:,} resources at once, some 100 services" in readme
    first, second = (quotas.nest_size(many.rendered(count), "parent.json") for count in (50, 51))
    assert 90 < quotas.NEST_RESOURCES / ((first + second) / 101) < 130


@pytest.mark.parametrize("profile", Profile)
def test_more_than_fifty_services_build_without_a_finding(profile: Profile) -> None:
    system = many.rendered(51, profile)
    assert len(system.files) > 51
    assert [*quotas.check(system), *contracts.check(system), *own.check(system)] == []


@pytest.fixture
def bucket(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> str:
    account = "222222222222"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    local_aws.client("s3", account=account).create_bucket(Bucket="build-templates")
    return "build-templates"


def upload(project: Project, aws: LocalAws, bucket: str) -> int:
    place = ["--region", "us-east-1", "--endpoint-url", aws.endpoint_url]
    return run(project, "--upload", bucket, "--prefix", "built", *place)


def test_an_upload_prints_each_parents_url_and_nothing_else(
    project: Project, local_aws: LocalAws, bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload(project, local_aws, bucket) == 0
    out, err = capsys.readouterr()
    base = f"https://s3.us-east-1.amazonaws.com/{bucket}/built"
    assert [line.rpartition("/parent-")[0] for line in out.splitlines()] == [
        f"{base}/{system}/{profile}"
        for system in ("gateway", "payments")
        for profile in ("production", "development")
    ]
    assert err.startswith("template")
    packaged = json.loads((project.out / "gateway" / "production" / PACKAGED).read_bytes())
    child = packaged["Resources"]["Network"]["Properties"]["TemplateURL"]
    assert child.startswith(f"{base}/gateway/production/network-")


def test_what_was_packaged_goes_when_a_template_changes(
    project: Project, local_aws: LocalAws, bucket: str
) -> None:
    assert upload(project, local_aws, bucket) == 0
    assert run(project) == 0
    assert (project.out / "gateway" / "production" / PACKAGED).exists()
    edit(project.systems / "gateway.yaml", "description: Payment gateway", "description: Gateway")
    assert run(project) == 0
    assert not (project.out / "gateway" / "production" / PACKAGED).exists()
    assert (project.out / "payments" / "production" / PACKAGED).exists()


def test_nothing_is_uploaded_while_something_is_wrong(
    project: Project, local_aws: LocalAws, bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project.parameters / "gateway-prod.json", '"prod",', '"Prod",')
    assert upload(project, local_aws, bucket) == 1
    assert capsys.readouterr().out == ""
    assert not (project.out / "gateway" / "production" / PACKAGED).exists()


def test_a_missing_bucket_is_said_in_one_sentence(
    project: Project, local_aws: LocalAws, bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert upload(project, local_aws, f"no-{bucket}") == 1
    assert "There is no bucket no-build-templates" in capsys.readouterr().err
