"""Certificate, images, secrets and names: what is wrong with each, and what is said of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery.deployment import Order
from delivery.preflight.results import State
from delivery.preflight.run import run
from description.profiles import Profile
from localaws import LocalSession
from tests.delivery.doctor.conftest import answering
from tests.delivery.preflight.conftest import Look, messages, place
from tests.delivery.samples import DIGEST

CERTIFICATE = "/payment/gateway/dev/certificate-arn"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("pay.example.com", "that is no certificate of ACM"),
        (
            "arn:aws:acm:eu-west-1:111122223333:certificate/a",
            "a load balancer in us-east-1 takes no certificate of eu-west-1",
        ),
        ("arn:aws:acm:us-east-1:111122223333:certificate/a", "there is no such certificate"),
    ],
)
def test_the_certificate_has_to_be_there_and_in_the_region(
    account: LocalSession, look: Look, value: str, told: str
) -> None:
    account.client("ssm").put_parameter(Name=CERTIFICATE, Value=value, Type="String")

    (message,) = messages(look(account), State.PROBLEM, "certificate")
    assert told in message


def test_a_parameter_that_holds_no_certificate_comes_with_the_command_that_makes_it(
    account: LocalSession, look: Look
) -> None:
    (message,) = messages(look(account), State.PROBLEM, "certificate")
    assert (
        f"aws ssm put-parameter --name {CERTIFICATE} --type String --value ARN --region us-east-1"
    ) in message


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"Status": "PENDING_VALIDATION"}, "is PENDING_VALIDATION, not ISSUED"),
        (
            {"Status": "ISSUED", "NotAfter": datetime.now(UTC) + timedelta(days=3)},
            "Renew it",
        ),
    ],
)
def test_the_certificate_has_to_be_issued_and_to_last(
    home: LocalSession, order: Order, condition: dict[str, Any], told: str
) -> None:
    where = place(home)
    with Stubber(where.aws.client("acm")) as acm:
        found = {"DomainName": "pay.example.com", **condition}
        acm.add_response("describe_certificate", {"Certificate": found})
        results = run(where, order)

    (message,) = messages(results, State.PROBLEM, "certificate")
    assert told in message


def test_an_image_has_to_be_in_its_repository(home: LocalSession, look: Look) -> None:
    found = look(home, ApiGatewayImageDigest=DIGEST)

    (message,) = messages(found, State.PROBLEM, "images")
    assert message.startswith(f"api-gateway: {DIGEST} is not in payment-api-gateway-dev.")


def test_an_image_that_would_expire_is_not_deployed(home: LocalSession, look: Look) -> None:
    image = home.client("ecr").put_image(
        repositoryName="payment-api-gateway-dev", imageManifest='{"untagged": true}'
    )["image"]

    found = look(home, ApiGatewayImageDigest=image["imageId"]["imageDigest"])

    (message,) = messages(found, State.PROBLEM, "images")
    assert "expire within 30 days or 50 pushes" in message


def test_services_without_an_image_are_named_and_are_no_problem(
    account: LocalSession, look: Look
) -> None:
    found = look(account)

    (message,) = messages(found, State.LATER, "images")
    assert message.startswith("without an image: api-gateway, fraud-detector, payment-processor.")
    assert messages(found, State.PROBLEM, "images") == []
    assert messages(found, State.PROBLEM, "secrets") == []


@pytest.fixture
def keys(home: LocalSession) -> Iterator[Any]:
    """Return a function that sets a secret for one test."""
    manager = home.client("secretsmanager")
    name = "payment-api-keys-dev"
    before = manager.get_secret_value(SecretId=name)["SecretString"]
    yield lambda value: manager.put_secret_value(SecretId=name, SecretString=value)
    manager.put_secret_value(SecretId=name, SecretString=before)


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        (json.dumps({"stripe_api_key": "x"}), "fraud_detection_key"),
        ("hunter2", "fraud_detection_key"),
        (json.dumps(["fraud_detection_key"]), "fraud_detection_key"),
    ],
)
def test_a_secret_has_to_hold_the_keys_that_tasks_read(
    home: LocalSession, look: Look, keys: Any, value: str, missing: str
) -> None:
    keys(value)

    (message,) = messages(look(home), State.PROBLEM, "secrets")
    assert message.startswith("payment-api-keys-dev lacks ")
    assert missing in message
    assert "hunter2" not in message


def test_a_secret_that_may_not_be_read_is_unknown(home: LocalSession, order: Order) -> None:
    where = place(home)
    denied = {"ErrorCode": "AccessDeniedException", "Message": "no"}
    with Stubber(where.aws.client("secretsmanager")) as manager:
        names = ["payment-api-keys-dev", "payment-db-credentials-dev"]
        errors = [{"SecretId": name, **denied} for name in names]
        answer = {"SecretValues": [], "Errors": errors}
        manager.add_response("batch_get_secret_value", answer, {"SecretIdList": names})
        found = run(where, order, ["names"])

    assert len(messages(found, State.UNKNOWN, "secrets")) == 2
    assert messages(found, State.PROBLEM, "secrets") == []


def test_what_an_earlier_stack_left_is_named_before_it_stands_in_the_way(
    account: LocalSession, look: Look
) -> None:
    account.client("logs").create_log_group(logGroupName="/ecs/payment-api-gateway-dev")
    account.client("logs").create_log_group(logGroupName="/ecs/payment-api-gateway-dev-2")
    account.client("ecr").create_repository(repositoryName="payment-fraud-detector-dev")
    manager = account.client("secretsmanager")
    arn = manager.create_secret(Name="payment-api-keys-dev", SecretString="{}")["ARN"]
    manager.delete_secret(SecretId=arn)

    found = messages(look(account), State.PROBLEM, "names")

    assert len(found) == 3
    assert "delete-log-group --log-group-name /ecs/payment-api-gateway-dev --region" in found[0]
    assert "an AWS::ECR::Repository payment-fraud-detector-dev" in found[1]
    assert f"--secret-id {arn} --region us-east-1" in found[2]


def test_an_audit_trail_in_the_way_is_to_be_copied_and_not_just_deleted(
    account: LocalSession, order: Order
) -> None:
    account.client("logs").create_log_group(logGroupName="/ecs/payment-api-gateway-dev")
    parameters = {**order.parameters, "ApiGatewayImageDigest": DIGEST}
    wanted = replace(order, profile=Profile.PRODUCTION, parameters=parameters)

    (found,) = messages(run(place(account), wanted), State.PROBLEM, "names")

    assert "create-export-task --log-group-name /ecs/payment-api-gateway-dev; only then" in found
    assert "delete" not in found


def test_zones_of_another_region_are_told_with_those_of_this_one(
    account: LocalSession, look: Look
) -> None:
    given = "use1-az1,euw1-az2,euw1-az3"
    (message,) = messages(look(account, AvailabilityZoneIds=given), State.PROBLEM, "zones")
    assert message.startswith(
        "AvailabilityZoneIds: euw1-az2, euw1-az3 is not to be had: us-east-1 has use1-az1, use1-az2"
    )
    right = "use1-az1,use1-az2,use1-az4"
    assert messages(look(account, AvailabilityZoneIds=right), State.OK, "zones") == [
        "use1-az1, use1-az2, use1-az4 in us-east-1"
    ]


@pytest.mark.parametrize(("zones", "state"), [(2, State.PROBLEM), (3, State.OK)])
def test_a_region_has_to_have_as_many_zones_as_are_described(
    account: LocalSession, order: Order, zones: int, state: State
) -> None:
    def there(number: int) -> dict[str, str]:
        return {"ZoneId": f"use1-az{number}", "State": "available"}

    where = place(account)
    others = [{"ZoneId": "use1-az9", "State": "unavailable"}]
    answer = {"AvailabilityZones": [*map(there, range(zones)), *others]}
    with answering(where.aws.client("ec2"), "DescribeAvailabilityZones", lambda _: answer):
        results = run(where, order)
    (message,) = messages(results, state, "zones")
    assert message.startswith(
        "3 of 3 in" if state is State.OK else "network.zones: 3 are described, and us-east-1 has "
    )


def test_what_runs_has_its_zones(home: LocalSession, look: Look) -> None:
    assert messages(look(home), State.OK, "zones") == ["the subnets are there already"]
