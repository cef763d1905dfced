import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

import localaws
from localaws import LocalAws, LocalSession
from localaws.address import HOST
from localaws.background import Background, usable_port


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "localaws", *words]


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        command(*words), cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_answers_on_the_loopback_address_only(local_aws: LocalAws) -> None:
    assert local_aws.endpoint_url.startswith("http://127.0.0.1:")
    port = f"{int(local_aws.endpoint_url.rpartition(':')[2]):04X}"
    listening = {
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[1].endswith(f":{port}")
    }
    assert listening == {f"0100007F:{port}"}


def test_accounts_do_not_see_each_other(local_aws: LocalAws) -> None:
    first = local_aws.client("sts", account="220000000001").get_caller_identity()
    assert first["Account"] == "220000000001"
    local_aws.client("ecr", account="220000000001").create_repository(repositoryName="mine")
    other = local_aws.client("ecr", account="220000000002").describe_repositories()
    assert other["repositories"] == []


def test_a_client_belongs_to_one_account_region_and_service(local_aws: LocalAws) -> None:
    session = local_aws.session(account="220000000006")
    assert session.client("sts") is session.client("sts")
    clients = {
        local_aws.session(account, region).client(service)
        for account in ("220000000006", "220000000007")
        for region in ("us-east-1", "eu-west-1")
        for service in ("sts", "ecr")
    }
    assert len(clients) == 8


def test_a_boto3_session_leads_to_the_account(local_aws: LocalAws) -> None:
    session = local_aws.session(account="220000000008", region="eu-west-1")
    sts = session.boto_session().client("sts", endpoint_url=session.endpoint_url)
    assert sts.get_caller_identity()["Account"] == "220000000008"
    assert sts.meta.region_name == "eu-west-1"


def test_environment_variables_lead_any_tool_to_the_account(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = local_aws.session(account="220000000003", region="eu-west-1")
    for name, value in session.environment.items():
        monkeypatch.setenv(name, value)
    assert boto3.Session().client("sts").get_caller_identity()["Account"] == "220000000003"


def test_a_taken_port_is_an_error() -> None:
    with LocalAws() as first, pytest.raises(OSError, match="in use"):
        LocalAws(int(first.endpoint_url.rpartition(":")[2])).start()


def test_a_taken_usual_port_gives_way_to_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert usable_port(port) not in (0, port)


def test_stops_and_can_be_started_again() -> None:
    aws = LocalAws(usable_port(0))
    for _ in range(2):
        with aws:
            aws.client("sts").get_caller_identity()


def test_serves_in_the_foreground_until_it_is_told_to_stop() -> None:
    with subprocess.Popen(  # noqa: S603
        command("serve", "--port", "0"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0


def test_runs_in_the_background_between_start_and_stop(tmp_path: Path) -> None:
    assert run(tmp_path, "status").returncode == 1
    started = run(tmp_path, "start")
    try:
        assert started.returncode == 0, started.stderr
        url = started.stdout.strip()
        client = LocalSession(url, account="220000000004").client("sts")
        assert client.get_caller_identity()["Account"] == "220000000004"
        assert run(tmp_path, "start").stdout.strip() == url
        assert run(tmp_path, "status").stdout.strip() == url
    finally:
        stopped = run(tmp_path, "stop")
    assert stopped.returncode == 0
    assert run(tmp_path, "status").returncode == 1
    assert Background(tmp_path / ".localaws").running() is None


def test_says_where_to_look_when_it_can_not_start(tmp_path: Path, local_aws: LocalAws) -> None:
    port = local_aws.endpoint_url.rpartition(":")[2]
    failed = run(tmp_path, "start", "--port", port)
    assert failed.returncode == 2
    assert "server.log" in failed.stderr
    assert "in use" in (tmp_path / ".localaws" / "server.log").read_text()


def test_every_command_is_explained(tmp_path: Path) -> None:
    text = run(tmp_path, "--help").stdout
    for name in ("serve", "start", "stop", "status"):
        assert f"\n    {name} " in text


def test_the_help_of_a_deployment_names_what_people_call(tmp_path: Path) -> None:
    assert run(tmp_path, "deploy", "--help").stdout.startswith("usage: ./deploy.sh local ")


def test_can_check_who_may_call_what() -> None:
    with LocalAws(enforce_iam=True) as aws:
        iam = aws.client("iam", account="220000000005")
        iam.create_user(UserName="reader")
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        user = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
        ecs = user.client("ecs", endpoint_url=aws.endpoint_url)
        with pytest.raises(ClientError, match="not authorized to perform: ecs:ListClusters"):
            ecs.list_clusters()
        allowed = {"Effect": "Allow", "Action": "ecs:ListClusters", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="reader", PolicyName="list", PolicyDocument=document)
        assert ecs.list_clusters()["clusterArns"] == []
    with LocalAws() as aws:
        user.client("ecs", endpoint_url=aws.endpoint_url).describe_clusters()


def test_ctrl_c_before_it_begins_ends_it_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Impatient(MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "localaws.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "localaws.cli", raising=False)
    monkeypatch.delattr(localaws, "cli", raising=False)
    monkeypatch.delitem(sys.modules, "localaws.__main__", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Impatient(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("localaws", run_name="__main__")
    assert ended.value.code == 130


def test_a_service_that_is_not_answered_is_known_without_reading_all_of_botocore(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        "botocore.session.Session.get_service_model", lambda _, name, *__: read.append(name)
    )
    with pytest.raises(ClientError, match="GetServiceQuota"):
        local_aws.client("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-1")
    assert read == []


def test_the_package_alone_imports_nothing_that_takes_long() -> None:
    program = "import sys, localaws; sys.exit('boto3' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603


def test_the_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = localaws.Nothing
