import io
import json
import os
from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from delivery.deployment import Order
from delivery.errors import DeliveryError, InputError
from delivery.options import SKIPPABLE
from delivery.preflight import roles
from delivery.preflight.command import prepare
from delivery.preflight.results import Result, State, problems, stop
from delivery.preflight.run import CHECKS, run
from localaws import LocalSession
from localaws.deploy import connect
from tests.delivery.preflight.conftest import Look, messages, place
from tests.delivery.samples import DIGEST


def test_all_problems_are_told_at_once_and_nothing_is_changed(
    account: LocalSession, look: Look
) -> None:
    found = look(account, PaymentProcessorImageDigest=DIGEST)

    assert {one.check for one in problems(found)} == {"bucket", "certificate", "images", "secrets"}
    assert account.client("cloudformation").list_stacks()["StackSummaries"] == []
    assert account.client("iam").list_roles()["Roles"] == []


def test_nothing_is_in_the_way_of_what_runs(home: LocalSession, look: Look) -> None:
    found = look(home)

    assert problems(found) == []
    assert [one for one in found if one.state is State.UNKNOWN] == []
    assert list(dict.fromkeys(one.check for one in found)) == list(CHECKS)
    assert len(messages(found, State.OK, "images")) == 3


def test_a_check_that_is_skipped_is_not_made(account: LocalSession, look: Look) -> None:
    found = look(account, skip=("certificate", "names"))

    assert not {"certificate", "names"} & {one.check for one in found}
    assert set(SKIPPABLE) < CHECKS.keys()


def test_what_may_not_be_looked_at_is_unknown(order: Order, account: LocalSession) -> None:
    where = place(account)
    with Stubber(where.aws.client("iam")) as iam:
        iam.add_client_error("list_roles", "AccessDenied", "not for you", http_status_code=403)
        found = run(where, order)

    (message,) = messages(found, State.UNKNOWN, "roles")
    assert message.startswith("Access denied: ListRoles: not for you.")


def test_a_wrong_parameter_is_bad_input_beside_the_other_problems(
    account: LocalSession, look: Look
) -> None:
    found = look(account, LogRetentionDays="31")

    with pytest.raises(
        InputError, match=r"(?s)bucket: .*parameters: .*LogRetentionDays: must be one of"
    ):
        stop("gateway-dev", found)


def test_only_what_may_be_skipped_is_offered() -> None:
    with pytest.raises(DeliveryError, match=r"add: --skip-check images --skip-check names$"):
        stop("a", [problem_of("names"), problem_of("images"), problem_of("images")])
    with pytest.raises(DeliveryError, match=r"repeat the command\.$"):
        stop("a", [problem_of("names"), problem_of("bucket")])


def problem_of(check: str) -> Result:
    return Result(State.PROBLEM, "It is wrong.", check)


def test_a_stack_that_another_operation_changes_is_a_problem(
    home: LocalSession, order: Order
) -> None:
    where = place(home)
    busy = {
        "StackName": "gateway-dev",
        "StackId": "arn:aws:cloudformation:us-east-1:300000000001:stack/gateway-dev/1",
        "StackStatus": "UPDATE_IN_PROGRESS",
        "CreationTime": datetime.now(UTC),
    }
    with Stubber(where.aws.cloudformation) as api:
        api.add_response("describe_stacks", {"Stacks": [busy]})
        found = run(where, order, ["names"])

    assert "another operation is running" in messages(found, State.PROBLEM, "stack")[0]


def test_the_role_of_ecs_is_made_once_and_only_by_a_deployment(
    account: LocalSession, order: Order, look: Look
) -> None:
    aws = connect(account)
    account.client("s3").create_bucket(Bucket=place(account).bucket)
    assert messages(look(account), State.LATER, "roles")

    prepare(place(account), order, ["certificate"], None)
    assert roles.exists(aws)
    assert roles.make(aws)
    assert messages(look(account), State.OK, "roles")


def test_who_may_not_make_the_role_goes_on_and_learns_what_to_ask_for(
    account: LocalSession, order: Order
) -> None:
    where = place(account)
    account.client("s3").create_bucket(Bucket=where.bucket)
    with Stubber(where.aws.client("iam")) as iam:
        iam.add_response("list_roles", {"Roles": []})
        iam.add_client_error("create_service_linked_role", "AccessDenied", "no")
        prepare(where, order, ["certificate"], None)

    assert isinstance(where.console.file, io.StringIO)
    assert (
        "ask for iam:CreateServiceLinkedRole on ecs.amazonaws.com" in where.console.file.getvalue()
    )


def test_no_value_of_a_secret_is_in_what_is_found(home: LocalSession, look: Look) -> None:
    manager = home.client("secretsmanager")
    value = json.loads(manager.get_secret_value(SecretId="payment-api-keys-dev")["SecretString"])
    told = os.linesep.join(one.message for one in look(home))

    assert value
    assert set(value) <= set(told.replace(",", " ").split())
    assert not [word for word in value.values() if word in told]
