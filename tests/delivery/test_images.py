"""Images: tags become digests, and the way from a folder to a repository."""

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.cli import main
from localaws import LocalSession

REPOSITORY = "payment-api-gateway-dev"

PUSH = ["images", "gateway", "dev", "--push", "v3", "--run", "--folder"]

DOCKER = """#!/bin/sh
echo "$*" >> "$DOCKER_LOG"
if [ "$1" = login ]; then cat > "$DOCKER_LOG.password"; fi
if [ "$1" = "$DOCKER_FAILS" ]; then exit 7; fi
"""


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A folder for each service."""
    for name in ("api-gateway", "payment-processor", "fraud-detector"):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path / "services"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker that writes down how it was called; what it was given to read is beside that."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o700)
    log = tmp_path / "docker.log"
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_LOG", str(log))
    return log


def pushed(session: LocalSession, tag: str) -> str:
    """Store an image, another one for each tag, and return its digest."""
    image = session.client("ecr").put_image(
        repositoryName=REPOSITORY, imageManifest=json.dumps({"of": tag}), imageTag=tag
    )["image"]
    return str(image["imageId"]["imageDigest"])


def test_a_tag_is_deployed_as_the_digest_that_it_stands_for(
    at_home: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = pushed(at_home, "v1.2")

    assert main(["plan", "gateway", "dev", "--image", "api-gateway=v1.2", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    (task,) = (c for c in changes if c["address"] == "ApiGatewayService/TaskDefinition")
    assert task["causes"][0]["after"].endswith(f"/{REPOSITORY}@{digest}")


def test_a_tag_that_nobody_pushed_is_bad_input(
    at_home: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    del at_home
    assert main(["check", "gateway", "dev", "--image", "api-gateway=v9"]) == 2
    assert f"There is no image v9 in {REPOSITORY}, us-east-1." in capsys.readouterr().err


def test_what_is_deployed_is_listed_with_its_tags(
    at_home: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["images", "gateway", "dev", "--json"]) == 0
    listed = {one["service"]: one for one in json.loads(capsys.readouterr().out)}
    stack = at_home.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"][0]
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]}
    assert listed["api-gateway"]["digest"] == parameters["ApiGatewayImageDigest"]
    assert listed["api-gateway"]["tags"] == ["local"]
    assert listed["api-gateway"]["pushed"]

    assert main(["images", "gateway", "dev"]) == 0
    assert capsys.readouterr().out.startswith(f"api-gateway        {REPOSITORY} ")


def test_a_system_that_is_not_deployed_has_no_images(
    account: LocalSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["images", "gateway", "dev"]) == 0
    assert capsys.readouterr().out.count("no image") == 3


def test_the_commands_that_build_and_push_are_printed_for_a_shell(
    at_home: LocalSession, services: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["--service", "api-gateway", "--folder", str(services)]
    assert main(["images", "gateway", "dev", "--push", "v2", *only]) == 0

    said = capsys.readouterr()
    host = f"{at_home.account}.dkr.ecr.us-east-1.amazonaws.com"
    login, build, push = said.out.splitlines()
    assert login.startswith("aws ecr get-login-password --region us-east-1")
    assert login.endswith(f" | docker login --username AWS --password-stdin {host}")
    folder = services / "api-gateway"
    uri = f"{host}/{REPOSITORY}:v2"
    assert build == f"docker build --platform linux/amd64 --tag {uri} {folder}"
    assert push == f"docker push {uri}"
    assert "deploy gateway dev --region us-east-1" in said.err
    assert said.err.endswith(" --image api-gateway=v2\n")


def test_docker_is_run_and_reads_the_password_where_nobody_sees_it(
    at_home: LocalSession, services: Path, docker: Path
) -> None:
    del at_home
    assert main([*PUSH, str(services)]) == 0

    calls = docker.read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["login", *["build", "push"] * 3]
    password = docker.with_name("docker.log.password").read_text()
    assert password
    assert password not in docker.read_text()


def test_what_docker_refuses_ends_the_command(
    at_home: LocalSession,
    services: Path,
    docker: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del at_home
    monkeypatch.setenv("DOCKER_FAILS", "build")
    assert main([*PUSH, str(services)]) == 1

    assert "failed: docker ended with 7" in capsys.readouterr().err
    assert "push" not in docker.read_text()


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--push", "a b"], 2, "cannot be a tag"),
        (["--push", "v1", "--service", "api-gatewy"], 2, "Did you mean api-gateway?"),
        (["--push", "v1", "--folder", "/nonexistent"], 2, "There is no Dockerfile in /nonexistent"),
    ],
)
def test_what_cannot_be_pushed_is_told(
    at_home: LocalSession,
    services: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    code: int,
    told: str,
) -> None:
    del at_home
    monkeypatch.setenv("PATH", "")
    folder: list[Any] = [] if "--folder" in more else ["--folder", str(services)]
    assert main(["images", "gateway", "dev", *folder, *more]) == code
    assert told in capsys.readouterr().err


def test_without_docker_the_commands_are_printed_and_nothing_is_done(
    at_home: LocalSession,
    services: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del at_home
    monkeypatch.setenv("PATH", "")
    assert main([*PUSH, str(services)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("There is no docker here, and nothing was pushed. ")
    run = PUSH.index("--run")
    assert main([*PUSH[:run], *PUSH[run + 1 :], str(services)]) == 0
    assert said.out == capsys.readouterr().out
