"""What the build writes, used by the aws CLI as it is."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery import stacks
from description.digests import parameter
from tests.integration.conftest import NewSite
from tests.integration.deployed import Site, digests
from tests.systems_under_test import REFERENCES, ROOT

AWS = ROOT / ".venv-aws" / "bin" / "aws"
Aws = Callable[..., str]


@pytest.fixture
def site(request: pytest.FixtureRequest, new_site: NewSite) -> Site:
    site = new_site(request.param)
    arn = site.client("acm").request_certificate(DomainName="pay.example.com")["CertificateArn"]
    name = f"/payment/{request.param}/dev/certificate-arn"
    site.client("ssm").put_parameter(Name=name, Value=arn, Type="String")
    return site


@pytest.fixture
def aws(site: Site) -> Aws:
    """Return a function that runs the real CLI and returns what it prints."""
    assert AWS.is_file(), "the aws CLI is not there: tools/venv.sh aws installs it"
    environment = {**os.environ, **site.session.environment, "AWS_PAGER": ""}

    def run(*words: object) -> str:
        done = subprocess.run(  # noqa: S603  a fixed program with our own arguments
            [AWS, *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def out(site: Site, tmp_path: Path) -> Path:
    """Build with our own command and return the system's folder."""
    subprocess.run(  # noqa: S603  a fixed program with our own arguments
        [sys.executable, ROOT / "build.py", "--system", site.system.name, "--out", tmp_path],
        check=True,
        capture_output=True,
    )
    return tmp_path / site.system.name / "development"


def package(site: Site, aws: Aws, out: Path) -> tuple[object, ...]:
    """Package the parent as users do and return the words that deploy it."""
    packaged = out / "cli.json"
    aws(
        *("cloudformation", "package", "--template-file", out / "parent.json"),
        *("--s3-bucket", site.bucket, "--output-template-file", packaged, "--use-json"),
    )
    return (
        *("cloudformation", "deploy", "--template-file", packaged),
        *("--stack-name", f"{site.system.name}-dev", "--capabilities", "CAPABILITY_IAM"),
    )


def images(site: Site) -> list[str]:
    return [f"{parameter(name)}={one}" for name, one in digests(site.system).items()]


@pytest.mark.slow(reason="starts the aws CLI several times")
@pytest.mark.parametrize("site", REFERENCES, indirect=True)
def test_package_and_deploy_take_what_the_build_writes(site: Site, aws: Aws, out: Path) -> None:
    overrides = json.loads((out / "dev.overrides.json").read_text())
    every = out / "with-images.json"
    every.write_text(json.dumps(overrides + images(site)))

    said = aws(
        *package(site, aws, out),
        *("--no-execute-changeset", "--parameter-overrides", f"file://{every}"),
    )
    (change_set,) = re.findall(r"arn:aws:cloudformation:\S+", said)
    aws("cloudformation", "execute-change-set", "--change-set-name", change_set)

    outputs = finished(site)
    assert outputs["AlbDnsName"]
    assert outputs["VpcId"]


@pytest.mark.slow(reason="starts the aws CLI several times")
@pytest.mark.parametrize("site", ["gateway"], indirect=True)
def test_deploy_takes_what_an_upload_has_packaged(site: Site, aws: Aws, tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603  a fixed program with our own arguments
        [
            *(sys.executable, ROOT / "build.py", "--system", site.system.name, "--out", tmp_path),
            *("--upload", site.bucket, "--endpoint-url", site.session.endpoint_url),
        ],
        env={**os.environ, **site.session.environment},
        check=True,
        capture_output=True,
    )
    out = tmp_path / site.system.name / "development"
    said = aws(
        *("cloudformation", "deploy", "--template-file", out / "packaged.json"),
        *("--stack-name", f"{site.system.name}-dev", "--capabilities", "CAPABILITY_IAM"),
        *("--no-execute-changeset", "--parameter-overrides", f"file://{out}/dev.overrides.json"),
    )
    (change_set,) = re.findall(r"arn:aws:cloudformation:\S+", said)
    aws("cloudformation", "execute-change-set", "--change-set-name", change_set)

    assert finished(site)["VpcId"]


@pytest.mark.slow(reason="the CLI looks at a stack each 30 seconds")
@pytest.mark.parametrize("site", REFERENCES, indirect=True)
def test_deploy_deploys_both_phases_by_itself(site: Site, aws: Aws, out: Path) -> None:
    deploy = package(site, aws, out)
    first = aws(*deploy, "--parameter-overrides", f"file://{out / 'dev.overrides.json'}")
    second = aws(*deploy, "--parameter-overrides", *images(site))

    assert "Successfully created/updated stack" in first
    assert "Successfully created/updated stack" in second
    assert finished(site)["AlbDnsName"]


def finished(site: Site) -> dict[str, str]:
    """Wait for the stack that the CLI deploys and return its outputs."""
    while True:
        stack = stacks.read(site.place.aws, f"{site.system.name}-dev")
        assert stack
        if not stack.status.endswith("_IN_PROGRESS"):
            assert stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
            return dict(stack.outputs)
        time.sleep(0.1)
