"""An empty account of the local AWS for each test of delivery."""

import io
import itertools
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from checks.build import Project
from delivery import sources
from delivery.aws import Aws
from delivery.deployment import Place
from delivery.preflight.run import CHECKS
from localaws import LocalAws, LocalSession
from localaws.deploy import connect, deploy, make_certificate

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count()


@pytest.fixture
def account(local_aws: LocalAws) -> LocalSession:
    """An account that nobody has used before."""
    return local_aws.session(account=f"{100_000_000_000 + next(_numbers)}")


@pytest.fixture(scope="session")
def home(local_aws: LocalAws) -> LocalSession:
    """An account in which the gateway runs. Tests put back what they change."""
    session = local_aws.session(account="300000000001")
    deploy("gateway", session, Console(file=io.StringIO()))
    return session


@pytest.fixture
def at_home(home: LocalSession, monkeypatch: pytest.MonkeyPatch) -> LocalSession:
    """That account, in reach of the command line."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def aws(account: LocalSession) -> Aws:
    return connect(account)


@pytest.fixture
def bucket(account: LocalSession) -> str:
    name = f"templates-{account.account}"
    account.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def place(aws: Aws, bucket: str) -> Place:
    return Place(aws, bucket, "templates", Console(file=io.StringIO(), width=200))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own; it shares what the linter remembers."""
    for folder in ("systems", "parameters"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (ROOT / ".cache").mkdir(exist_ok=True)
    (tmp_path / ".cache").symlink_to(ROOT / ".cache")
    monkeypatch.setattr(sources, "PROJECT", Project(tmp_path))
    return tmp_path


@pytest.fixture
def ready(project: Path, account: LocalSession, monkeypatch: pytest.MonkeyPatch) -> LocalSession:
    """An account with a bucket and a certificate, in reach of the command line."""
    for name in ("AWS_PROFILE", "REPOSITORY", "COMMIT_AUTHOR", "PR_NUMBER", "TEAM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"payment-stacks-{account.account}-{account.region}"
    account.client("s3").create_bucket(Bucket=bucket)
    file = json.loads((project / "parameters" / "gateway-dev.json").read_text())
    make_certificate(account, file["Parameters"]["CertificateArn"])
    for name in ("images", "secrets"):  # tests of other things deploy images that nobody pushed
        monkeypatch.delitem(CHECKS, name)
    return account
