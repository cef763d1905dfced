import json

import pytest

from checks.permissions.__main__ import main


def test_prints_the_template_with_the_rights_to_deploy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployment-policy", "gateway"]) == 0

    made = json.loads(capsys.readouterr().out)
    whose = {name.rstrip("0123456789") for name in made["Resources"]}
    assert whose == {
        "ExecutionRole", "ExecutionPolicy", "PersonPolicy", "PipelinePolicy", "EmptyingPolicy",
    }  # fmt: skip
    assert made["Outputs"].keys() == {f"{name}Arn" for name in made["Resources"]}


def test_prints_who_may_do_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "payments"]) == 0

    assert "sns:Publish" in capsys.readouterr().out


def test_prints_what_each_command_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["commands"]) == 0

    commands = "`deploy`, `restart`, `rollback`"
    row = f"| carry it out | {commands} | `cloudformation:ExecuteChangeSet` | yes |\n"
    assert row in capsys.readouterr().out


def test_says_which_systems_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "nothing"]) == 2

    assert "gateway, payments" in capsys.readouterr().err
