"""Values of secrets: set from where nobody else sees them, and told to nobody."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery.cli import main
from localaws import LocalSession

NAME = "payment-api-keys-dev"
SET = ["secrets", "gateway", "dev", "--set", "api-keys"]


@pytest.fixture
def held(at_home: LocalSession) -> Iterator[Any]:
    """Return a function that returns what the secret holds; it is put back afterwards."""
    manager = at_home.client("secretsmanager")

    def value() -> Any:
        return json.loads(manager.get_secret_value(SecretId=NAME)["SecretString"])

    before = value()
    yield value
    manager.put_secret_value(SecretId=NAME, SecretString=json.dumps(before))


def private(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_new_secret_lacks_its_keys_until_they_are_set(
    at_home: LocalSession, held: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    manager = at_home.client("secretsmanager")
    manager.put_secret_value(SecretId=NAME, SecretString='{"unset": "minted"}')
    assert main(["secrets", "gateway", "dev"]) == 0
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [NAME, "lacks", "stripe_api_key, fraud_detection_key"] in lines

    file = private(tmp_path / "one.json", '{"stripe_api_key": "sk-1"}')
    assert main([*SET, "--file", file]) == 0
    said = capsys.readouterr()
    assert said.err == f"{NAME}: set stripe_api_key\n{NAME}: still lacks fraud_detection_key\n"
    assert held() == {"stripe_api_key": "sk-1"}


def test_values_from_stdin_replace_what_they_name_and_nothing_else(
    held: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = held()
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-2\n"))
    assert main([*SET, "--stdin", "--key", "stripe_api_key"]) == 0

    assert held() == {**before, "stripe_api_key": "sk-2"}
    said = capsys.readouterr()
    assert "sk-2" not in said.out + said.err


def test_the_prompt_shows_nothing_and_enter_keeps_a_value(
    held: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    before = held()
    typed = {"stripe_api_key: ": "", "fraud_detection_key: ": "typed"}
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt, **_: typed[prompt])
    assert main([*SET]) == 0

    assert held() == {**before, "fraud_detection_key": "typed"}
    assert "typed" not in capsys.readouterr().err.replace("you type", "")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(
    held: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, mode: int
) -> None:
    before = held()
    file = private(tmp_path / "values.json", '{"stripe_api_key": "sk-3"}', mode)
    assert main([*SET, "--file", file]) == 2

    assert f"chmod 600 {file}" in capsys.readouterr().err
    assert held() == before


@pytest.mark.parametrize(
    ("more", "given", "told"),
    [
        ([], "", "Nobody is here to type the values"),
        (["--stdin"], "hunter2", "must be a JSON object of texts"),
        (["--stdin"], '{"stripe_api_key": 1}', "must be a JSON object of texts"),
        (["--stdin"], '{"stripe_key": "x"}', "Did you mean stripe_api_key?"),
        (["--stdin", "--key", "stripe"], "x", "is no key of api-keys"),
        (["--file", "/nonexistent"], "", "Cannot read /nonexistent: No such file"),
    ],
)
def test_what_cannot_be_a_value_is_bad_input(
    held: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    given: str,
    told: str,
) -> None:
    before = held()
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert main([*SET, *more]) == 2

    said = capsys.readouterr().err
    assert told in said
    assert "hunter2" not in said
    assert held() == before


def test_the_secret_is_named_as_in_the_description_or_in_aws(
    held: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"stripe_api_key": "sk-4"}'))
    assert main(["secrets", "gateway", "dev", "--set", NAME, "--stdin"]) == 0
    assert held()["stripe_api_key"] == "sk-4"

    assert main(["secrets", "gateway", "dev", "--set", "api-key"]) == 2
    assert "Did you mean api-keys?" in capsys.readouterr().err
    assert main(["secrets", "gateway", "dev", "--stdin"]) == 2


def test_who_sets_a_secret_learns_how_it_reaches_the_tasks(
    held: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del held
    monkeypatch.setattr("sys.stdin", io.StringIO('{"stripe_api_key": "sk-5"}'))
    assert main([*SET, "--stdin"]) == 0
    told = "Tasks that run keep the old values until: ./deploy.sh restart gateway dev --secret "
    assert f"{told}api-keys --region us-east-1" in capsys.readouterr().err


def test_what_is_no_json_object_is_not_thrown_away(
    at_home: LocalSession, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    del held
    manager = at_home.client("secretsmanager")
    manager.put_secret_value(SecretId=NAME, SecretString="plain")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"stripe_api_key": "sk-5"}'))

    assert main([*SET, "--stdin"]) == 1
    assert manager.get_secret_value(SecretId=NAME)["SecretString"] == "plain"


def test_a_secret_that_was_never_made_comes_with_a_deployment(
    account: LocalSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO('{"stripe_api_key": "x"}'))
    assert main([*SET, "--stdin"]) == 1
    assert "There is no secret payment-api-keys-dev" in capsys.readouterr().err

    assert main(["secrets", "gateway", "dev", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {one["unread"] for one in shown} == {"ResourceNotFoundException"}
    assert os.environ["AWS_ACCESS_KEY_ID"] == account.account
