"""``./deploy.sh restart``: new values of secrets reach the tasks that read them, and no others."""

import json

import pytest

from delivery.cli import main
from delivery.preflight import images
from delivery.preflight.run import CHECKS
from description import versions
from localaws import LocalSession
from tests.delivery.samples import IMAGES, SERVICES
from tests.delivery.test_cli import Terminal

Capture = pytest.CaptureFixture[str]

RESTART = ["restart", "gateway", "dev"]


def deployments(session: LocalSession) -> dict[str, str]:
    """Return the deployment of each service that is the current one."""
    ecs = session.client("ecs")
    services = [f"{name}-dev" for name in SERVICES]
    found = ecs.describe_services(cluster="payment-gateway-dev", services=services)["services"]
    return {
        service["serviceName"].removesuffix("-dev"): deployment["id"]
        for service in found
        for deployment in service["deployments"]
        if deployment["status"] == "PRIMARY"
    }


def restarted(session: LocalSession, before: dict[str, str]) -> set[str]:
    """Return the services that have been deployed anew."""
    return {name for name, one in deployments(session).items() if before[name] != one}


def rotate(session: LocalSession, secret: str) -> None:
    """Give a secret new values, as a function that rotates it does."""
    value = json.dumps({"some": "thing"})
    session.client("secretsmanager").put_secret_value(
        SecretId=f"payment-{secret}-dev", SecretString=value
    )


def parameter(session: LocalSession) -> dict[str, str]:
    (stack,) = session.client("cloudformation").describe_stacks(StackName="gateway-dev")["Stacks"]
    values = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    return versions.known(values)


@pytest.fixture
def running(ready: LocalSession, capsys: Capture) -> LocalSession:
    assert main(["deploy", "gateway", "dev", *IMAGES]) == 0
    capsys.readouterr()
    return ready


def test_only_the_readers_of_a_secret_are_started_anew_and_only_if_somebody_agrees(
    running: LocalSession, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    before = deployments(running)
    assert main([*RESTART, "--secret", "db-credentials"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("arn:aws:cloudformation:")
    assert "gateway-dev: reads secrets anew: payment-processor\n" in said.err
    words = f"./deploy.sh restart gateway dev --secret db-credentials --change-set {said.out}"
    assert f"Nothing is changed yet. Carry it out with: {words}" in said.err
    assert restarted(running, before) == set()

    monkeypatch.setattr("sys.stdin", Terminal("gateway-dev\n"))
    assert main([*RESTART, "--secret", "db-credentials", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["EcsClusterName"] == "payment-gateway-dev"
    assert restarted(running, before) == {"payment-processor"}
    assert set(parameter(running)) == {"payment-processor"}

    assert main(["rollback", "gateway", "dev", "--list"]) == 0
    _, newest, _ = capsys.readouterr().out.splitlines()
    assert newest.endswith("Z  restart of payment-processor")
    before = deployments(running)
    assert main([*RESTART, "--secret", "payment-db-credentials-dev", "--yes"]) == 0
    assert restarted(running, before) == set()
    assert capsys.readouterr().err.endswith(
        "gateway-dev: no secret has changed since its readers were restarted\n"
    )


def test_only_what_was_reviewed_is_carried_out(running: LocalSession, capsys: Capture) -> None:
    before = deployments(running)
    assert main(RESTART) == 0
    first = capsys.readouterr().out.strip()
    rotate(running, "db-credentials")
    assert main([*RESTART, "--change-set", first, "--yes"]) == 1
    said = capsys.readouterr().err
    assert f"is out of date: what would be carried out now is not {first}. Nothing was " in said
    assert said.endswith("Review what it is now with: ./deploy.sh restart gateway dev\n")
    assert main(RESTART) == 0
    second = capsys.readouterr().out.strip()
    assert restarted(running, before) == set()
    assert main([*RESTART, "--change-set", second]) == 0
    assert restarted(running, before) == {"payment-processor", "fraud-detector"}
    change_set = running.client("cloudformation").describe_change_set(ChangeSetName=second)
    assert change_set["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_what_has_changed_is_found_and_neither_deployment_nor_rollback_restarts_for_it_again(
    running: LocalSession,
) -> None:
    assert main([*RESTART, "--yes"]) == 0
    before, told = deployments(running), parameter(running)
    rotate(running, "db-credentials")
    assert main([*RESTART, "--yes"]) == 0
    assert restarted(running, before) == {"payment-processor"}

    before = deployments(running)
    rotate(running, "api-keys")
    assert main([*RESTART, "--yes"]) == 0
    assert restarted(running, before) == {"payment-processor", "fraud-detector"}
    now = parameter(running)
    assert {name for name in told if told[name] != now[name]} == told.keys()

    before = deployments(running)
    other = f"sha256:{'c' * 64}"
    assert main(["deploy", "gateway", "dev", "--image", f"api-gateway={other}"]) == 0
    rotate(running, "db-credentials")
    assert restarted(running, before) == {"api-gateway"}
    assert main([*RESTART, "--yes"]) == 0
    before, told = deployments(running), parameter(running)
    assert main(["rollback", "gateway", "dev", "--yes"]) == 0
    assert restarted(running, before) == {"api-gateway"}
    assert parameter(running) == told


def test_tasks_whose_image_has_gone_are_not_restarted(
    running: LocalSession, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setitem(CHECKS, "images", images.check)
    before = deployments(running)
    assert main([*RESTART, "--yes"]) == 1
    said = capsys.readouterr().err
    assert "3 problems stand in the way of gateway-dev, and nothing was changed:" in said
    assert "images: api-gateway: sha256:" in said
    assert restarted(running, before) == set()
    assert main([*RESTART, "--yes", "--skip-check", "images"]) == 0
    assert restarted(running, before) == {"payment-processor", "fraud-detector"}


def test_templates_that_do_not_know_restarts_are_deployed_first(
    ready: LocalSession, capsys: Capture
) -> None:
    assert main([*RESTART, "--yes"]) == 1
    assert (
        "Nothing of gateway-dev runs. Make it with: ./deploy.sh deploy" in capsys.readouterr().err
    )
    topic = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    cloudformation = ready.client("cloudformation")
    cloudformation.create_stack(StackName="gateway-dev", TemplateBody=topic)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="gateway-dev")
    for secret in ("api-keys", "db-credentials"):
        name = f"payment-{secret}-dev"
        assert main([*RESTART, "--yes"]) == 1
        ready.client("secretsmanager").create_secret(Name=name, SecretString="{}")
        assert f"There is no secret {name} in us-east-1" in capsys.readouterr().err
    assert main([*RESTART, "--yes"]) == 1
    assert "has no parameter SecretVersions: its templates are older" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("secret", "told"),
    [("api-key", "Did you mean api-keys?"), ("x", "Known: api-keys, db-credentials")],
)
def test_a_secret_that_there_is_not_is_bad_input(
    ready: LocalSession, capsys: Capture, secret: str, told: str
) -> None:
    del ready
    assert main([*RESTART, "--secret", secret]) == 2
    assert f"--secret {secret}: there is no such secret. {told}" in capsys.readouterr().err
