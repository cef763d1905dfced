"""Secrets, wherever people put them, are in nothing that the product writes."""

import io
import json
import logging
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import build
from delivery.cli import main
from localaws import LocalSession
from localaws.cli import main as local
from tests.delivery.leaks import Watch, watching
from tests.delivery.samples import IMAGES

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def planted(ready: LocalSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Secrets in the environment, and a temporary folder of our own."""
    del ready
    names = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "DB_PASSWORD", "GITHUB_TOKEN")
    values = {name: f"canary{secrets.token_hex(16)}" for name in (*names, "value", "typed")}
    for name in names:
        monkeypatch.setenv(name, values[name])
    # As a CI system has it that clones with a token.
    values["clone"] = f"canary{secrets.token_hex(16)}"
    monkeypatch.setenv("REPOSITORY", f"https://ci:{values['clone']}@git.example/pay/ments.git")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return values


def put_values(account: LocalSession, value: str) -> int:
    """Set every secret of the account; return how many there are."""
    manager = account.client("secretsmanager")
    listed = manager.list_secrets()["SecretList"]
    for one in listed:
        held = json.loads(manager.get_secret_value(SecretId=one["ARN"])["SecretString"])
        text = json.dumps(dict.fromkeys([*held, "password", "stripe_api_key"], value))
        manager.put_secret_value(SecretId=one["ARN"], SecretString=text)
    return len(listed)


@pytest.mark.slow(reason="runs every command, and searches all that it writes")
def test_secrets_are_in_nothing_that_a_deployment_writes(
    planted: dict[str, str],
    ready: LocalSession,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bucket = f"payment-stacks-{ready.account}-{ready.region}"
    with watching(planted) as watch:

        def run(*words: str) -> int:
            code = main(list(words))
            captured = capsys.readouterr()
            watch.look("output", " ".join(words), captured.out + captured.err)
            return code

        words = ["--upload", bucket, "--system", "gateway", "--reachability", "--evidence"]
        assert build.main(["--project", str(project), *words]) == 0
        assert run("bootstrap") == 0
        assert run("plan", "gateway", "dev") == 0
        assert run("deploy", "gateway", "dev") == 0
        assert put_values(ready, planted["value"]) == 2
        assert run("deploy", "gateway", "dev", *IMAGES) == 0
        assert run("outputs", "gateway", "dev", "--json") == 0
        assert run("images", "gateway", "dev") == 0
        assert run("check", "gateway", "dev", *IMAGES) == 0
        assert run("diff", "gateway", "dev", "--parameter", "LogRetentionDays=90") == 0
        monkeypatch.setattr(sys, "stdin", io.StringIO(planted["typed"]))
        one = ("--set", "api-keys", "--key", "stripe_api_key", "--stdin")
        assert run("secrets", "gateway", "dev", *one) == 0
        assert run("secrets", "gateway", "dev") == 0
        assert run("doctor", "gateway", "dev") in {0, 1}
        assert run("plan", "gateway", "dev", "--parameter", "LogRetentionDays=90") == 0
        # A deployment that fails and is rolled back.
        assert run("deploy", "gateway", "dev", "--parameter", "CertificateArn=/nowhere") == 1

        assert run("rollback", "gateway", "dev", "--list") == 0

        terminal = io.StringIO(f"{planted['typed']}\n")
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", terminal)
        assert run("destroy", "gateway", "dev") == 2
        watch.look_at_account(ready)
        assert run("destroy", "gateway", "dev", "--yes") == 0
        watch.look_at_files()

    assert watch.leaks == set()
    assert watch.seen["file"] > 10
    assert watch.seen["aws"] > 200
    assert watch.seen["output"] > 14


def test_secrets_that_stand_where_none_belongs_are_refused_and_not_repeated(
    planted: dict[str, str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description = project / "systems" / "gateway.yaml"
    right = description.read_text()
    parameters = project / "parameters" / "gateway-dev.json"
    given = json.loads(parameters.read_text())
    secret = planted["value"]
    with watching(planted) as watch:

        def build_fails_with(code: int) -> None:
            assert build.main(["--project", str(project), "--system", "gateway"]) == code
            assert main(["plan", "gateway", "dev"]) == 2
            captured = capsys.readouterr()
            watch.look("output", f"exit {code}", captured.out + captured.err)

        description.write_text(f"{right}\n    environment:\n      DB_PASSWORD: {secret}\n")
        build_fails_with(2)
        description.write_text(f"{right}\ntags: {{Db: postgres://me:{secret}@db/x}}\n")
        build_fails_with(2)
        assert not (project / "out").exists()
        description.write_text(right)
        given["Parameters"]["DbPassword"] = secret
        given["Tags"] = {"Db": f"postgres://me:{secret}@db/x"}
        parameters.write_text(json.dumps(given))
        build_fails_with(1)
        found = {where for _, where in watch.leaks}
        watch.look_at_files()

    assert found == set()
    mine = {f"file {description}", f"file {parameters}"}
    assert {where for _, where in watch.leaks} <= mine


def test_a_local_deployment_tells_no_secret_and_starts_no_process_with_one(
    planted: dict[str, str],
    account: LocalSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    del account
    made: list[str] = []
    make = secrets.token_urlsafe

    def remembered(size: int | None = None) -> str:
        made.append(make(size))
        return made[-1]

    monkeypatch.setattr(secrets, "token_urlsafe", remembered)
    with watching(planted) as watch:
        try:
            assert local(["deploy", "gateway"]) == 0
        finally:
            local(["stop"])
        captured = capsys.readouterr()
        watch.look("output", "local gateway", captured.out + captured.err)
        watch.look_at_files()

    assert watch.leaks == set()
    assert watch.seen["argument"] >= 1
    assert made
    assert not [value for value in made if value in captured.out + captured.err]


def leak_to_a_file(secret: str, folder: Path) -> None:
    (folder / "out.json").write_text(json.dumps({"key": secret}))


def leak_to_a_file_that_goes(secret: str, folder: Path) -> None:
    (folder / "gone").write_text(secret)
    (folder / "gone").unlink()


def leak_to_a_file_that_moves(secret: str, folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
        file.write(secret)
    Path(file.name).replace(folder / "moved")


def leak_to_a_process(secret: str, folder: Path) -> None:
    del folder
    subprocess.run([sys.executable, "-c", "pass", secret], check=True)  # noqa: S603 - a plant


def leak_to_a_log(secret: str, folder: Path) -> None:
    del folder
    logging.getLogger("delivery").info("using %s", secret)


def leak_in_base64(secret: str, folder: Path) -> None:
    import base64

    (folder / "encoded").write_bytes(base64.b64encode(f"user:{secret}".encode()))


@pytest.mark.parametrize(
    ("leak", "where"),
    [
        (leak_to_a_file, "file"),
        (leak_to_a_file_that_goes, "file"),
        (leak_to_a_file_that_moves, "file"),
        (leak_to_a_process, "argument"),
        (leak_to_a_log, "log delivery"),
        (leak_in_base64, "file"),
    ],
)
def test_a_leak_on_this_machine_is_seen(leak: object, where: str, tmp_path: Path) -> None:
    assert callable(leak)
    with watching({"it": "canary0123456789abcdef"}) as watch:
        leak("canary0123456789abcdef", tmp_path)
        watch.look_at_files()

    assert [place for _, place in watch.leaks if place.startswith(where)], watch.leaks


@pytest.mark.parametrize("where", ["s3", "stack", "event", "template", "ssm"])
def test_a_leak_in_the_account_is_seen(where: str, account: LocalSession) -> None:
    secret = "canary0123456789abcdef"  # noqa: S105 - a plant
    name = {"TopicName": secret} if where in ("template", "event") else {}
    template = {
        "Parameters": {"It": {"Type": "String", "Default": "x"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": name}},
    }
    given = []
    if where == "s3":
        account.client("s3").create_bucket(Bucket=f"leak-{account.account}")
        account.client("s3").put_object(Bucket=f"leak-{account.account}", Key="a", Body=secret)
    if where == "ssm":
        account.client("ssm").put_parameter(Name="/a", Value=secret, Type="String")
    if where == "stack":
        given = [{"ParameterKey": "It", "ParameterValue": secret}]
    if where not in ("s3", "ssm"):
        account.client("cloudformation").create_stack(
            StackName="leak", TemplateBody=json.dumps(template), Parameters=given
        )
        account.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName="leak", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
        )
    watch = Watch({"it": secret})
    watch.look_at_account(account)

    assert [place for _, place in watch.leaks if place.startswith(f"aws {where}")], watch.leaks


def test_environments_of_processes_are_no_arguments() -> None:
    with watching({"it": "canary0123456789abcdef"}) as watch:
        environment = {**os.environ, "IT": "canary0123456789abcdef"}
        subprocess.run([sys.executable, "-c", "pass"], env=environment, check=True)

    assert watch.leaks == set()
    assert watch.seen["argument"] == 1
