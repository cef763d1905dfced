import io
import json

import pytest
from rich.console import Console

from delivery.deployment import Deployed
from delivery.errors import DeliveryError
from localaws import LocalSession
from localaws.cli import main
from localaws.deploy import deploy

pytestmark = pytest.mark.usefixtures("project")


def bring(system: str, account: LocalSession) -> tuple[Deployed, str]:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    deployed = deploy(system, account, console)
    assert isinstance(console.file, io.StringIO)
    return deployed, console.file.getvalue()


def test_arns_in_a_message_are_told_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DeliveryError("Refused: arn:aws:secretsmanager:us-east-1:1:secret:a")

    monkeypatch.setattr("localaws.background.Background.start", refuse)
    assert main(["deploy", "gateway"]) == 1
    assert capsys.readouterr().err == "Refused: arn:aws:secretsmanager:us-east-1:1:secret:a\n"


@pytest.mark.parametrize("system", ["gateway", "payments"])
def test_a_system_comes_in_two_steps_and_then_stays_as_it_is(
    system: str, account: LocalSession
) -> None:
    first, told = bring(system, account)
    assert told.index("step 1 of 2") < told.index("step 2 of 2")
    assert first.review.missing_images == ()
    assert "AlbDnsName" in first.stack.outputs

    again, told = bring(system, account)
    assert told.splitlines()[-1] == f"{system}-dev: no changes"
    assert again.stack == first.stack


def test_secrets_hold_what_tasks_read_and_nobody_is_told(account: LocalSession) -> None:
    _, told = bring("gateway", account)
    manager = account.client("secretsmanager")
    value = json.loads(manager.get_secret_value(SecretId="payment-api-keys-dev")["SecretString"])
    assert value.keys() == {"stripe_api_key", "fraud_detection_key"}
    assert not [word for word in value.values() if word in told]


def test_secrets_that_somebody_set_stay(account: LocalSession) -> None:
    bring("gateway", account)
    manager = account.client("secretsmanager")
    mine = json.dumps({"stripe_api_key": "mine", "fraud_detection_key": "mine"})
    manager.put_secret_value(SecretId="payment-api-keys-dev", SecretString=mine)
    bring("gateway", account)
    assert manager.get_secret_value(SecretId="payment-api-keys-dev")["SecretString"] == mine


def test_tasks_run_the_images_that_were_registered(account: LocalSession) -> None:
    bring("gateway", account)
    ecs = account.client("ecs")
    definitions = ecs.list_task_definitions()["taskDefinitionArns"]
    assert len(definitions) == 3
    for arn in definitions:
        container = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"][
            "containerDefinitions"
        ][0]
        repository, _, digest = container["image"].rpartition("/")[2].partition("@")
        images = account.client("ecr").list_images(repositoryName=repository)["imageIds"]
        assert [image["imageDigest"] for image in images] == [digest]
