"""The registry: repositories that keep what runs."""

import json
from typing import Any

import pytest

from checks.rendering import Rendering
from delivery.lifecycle import Image, expired
from templates.registry import lifecycle_policy
from templates.render import render
from tests.resolved import as_deployed, deployed, of_type, outputs
from tests.systems_under_test import SYSTEMS, described, rendered

ELSEWHERE = "111122223333"
REPOSITORIES = tuple(of_type(deployed("gateway"), "AWS::ECR::Repository"))
SERVICES = ("api-gateway", "payment-processor", "fraud-detector")


@pytest.fixture(params=sorted(REPOSITORIES))
def repository(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(deployed("gateway")[request.param]["Properties"])


@pytest.fixture
def policy(repository: dict[str, Any]) -> dict[str, Any]:
    text = repository["LifecyclePolicy"]["LifecyclePolicyText"]
    return dict(json.loads(text))


def test_each_service_has_a_repository_with_the_name_of_the_text() -> None:
    repositories = of_type(deployed("gateway"), "AWS::ECR::Repository").values()

    assert {one["RepositoryName"] for one in repositories} == {
        f"payment-{service}-blue" for service in SERVICES
    }


def test_pushed_images_are_scanned(repository: dict[str, Any]) -> None:
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}


def test_images_are_encrypted_with_the_key_of_images(repository: dict[str, Any]) -> None:
    assert repository["EncryptionConfiguration"] == {
        "EncryptionType": "KMS",
        "KmsKey": "Registry/ImageKey.Arn",
    }


def test_a_description_may_leave_the_key_of_images_to_aws() -> None:
    system = described("gateway")
    registry = system.registry.model_copy(update={"key": "aws"})
    changed = system.model_copy(update={"registry": registry})
    resources = as_deployed(Rendering("gateway", render(changed)))

    assert "Registry/ImageKey" not in resources
    for one in of_type(resources, "AWS::ECR::Repository").values():
        assert one["EncryptionConfiguration"] == {"EncryptionType": "AES256"}


def test_a_tag_cannot_move_to_another_image(repository: dict[str, Any]) -> None:
    assert repository["ImageTagMutability"] == "IMMUTABLE"


def test_an_image_that_runs_survives_a_year_of_weekly_pushes(policy: dict[str, Any]) -> None:
    running = Image("running", age_days=365, tags=("v1",))
    pushed = [Image(f"week-{n}", age_days=7 * n, tags=(f"v{n + 2}",)) for n in range(52)]

    assert expired(policy, [running, *pushed]) == set()


def test_an_image_that_runs_survives_the_pushes_after_its_deployment(
    policy: dict[str, Any],
) -> None:
    kept = described("gateway").registry.lifecycle.keep_tagged
    running = Image("running", age_days=1000, tags=("v1",))
    pushed = [Image(f"push-{n}", age_days=n, tags=(f"v{n + 2}",)) for n in range(kept - 1)]

    assert "running" not in expired(policy, [running, *pushed])


def test_an_old_untagged_image_expires_and_a_tagged_one_does_not(policy: dict[str, Any]) -> None:
    images = [
        Image("old", age_days=15),
        Image("new", age_days=3),
        Image("tagged", age_days=900, tags=("v1",)),
    ]

    assert expired(policy, images) == {"old"}


def test_where_tags_can_move_an_image_that_runs_may_be_untagged_and_stays() -> None:
    registry = described("gateway").registry.model_copy(update={"immutable_tags": False})
    policy = lifecycle_policy(registry)

    assert expired(policy, [Image("running", age_days=365)]) == set()


def test_the_last_ten_images_of_the_text_would_have_lost_the_running_one() -> None:
    any_ten = {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": 10,
                },
            }
        ]
    }
    images = [Image(f"push-{n}", age_days=n, tags=(f"v{n}",)) for n in range(11)]

    assert expired(any_ten, images) == {"push-10"}


def test_people_learn_where_to_push() -> None:
    assert outputs(rendered("gateway"))["RegistryUri"] == (
        "444455556666.dkr.ecr.eu-west-3.aws.example"
    )
    assert "RegistryUri" not in outputs(rendered("payments"))


def test_payments_uses_repositories_that_exist() -> None:
    assert of_type(deployed("payments"), "AWS::ECR::Repository") == {}
    assert "registry.json" not in rendered("payments").files


def test_repositories_can_be_another_account_s_and_no_account_is_written_down() -> None:
    for given, account in (({}, "444455556666"), ({"RegistryAccountId": ELSEWHERE}, ELSEWHERE)):
        resources = as_deployed(rendered("payments"), **given)
        definition = resources["PaymentApiService/TaskDefinition"]["Properties"]
        image = definition["ContainerDefinitions"][0]["Image"]
        assert image.startswith(f"{account}.dkr.ecr.eu-west-3.aws.example/payment-api@sha256:")


EXISTING = [name for name in SYSTEMS if described(name).registry.mode == "existing"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_image_comes_from_the_account_of_the_registry(system: str) -> None:
    given = {"RegistryAccountId": ELSEWHERE} if system in EXISTING else {}
    here, there = (
        {
            one["ContainerDefinitions"][0]["Image"].partition(".dkr.ecr.")[0]
            for one in of_type(resources, "AWS::ECS::TaskDefinition").values()
        }
        for resources in (deployed(system), as_deployed(rendered(system), **given))
    )

    assert here == {"444455556666"}
    assert there == ({ELSEWHERE} if given else here)


@pytest.mark.parametrize(("removal_policy", "emptied"), [("retain", False), ("destroy", True)])
def test_images_go_with_their_repository_only_where_nothing_is_to_be_kept(
    removal_policy: str, emptied: bool
) -> None:
    system = described("gateway").model_copy(update={"removal_policy": removal_policy})
    repositories = of_type(
        as_deployed(Rendering("gateway", render(system))), "AWS::ECR::Repository"
    )

    assert len(repositories) == len(system.services)
    assert {one["EmptyOnDelete"] for one in repositories.values()} == {emptied}
