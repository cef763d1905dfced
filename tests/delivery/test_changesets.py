import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from delivery import changesets
from delivery.aws import Aws
from delivery.changes import Change
from delivery.changesets import ChangeSet
from delivery.errors import DeliveryError
from delivery.request import Request
from delivery.stacks import Stack

ROOT = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-1/a"
INNER = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-1-Services/b"
DEEP = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-1-Services-Api/c"
STACK_ID = "arn:aws:cloudformation:us-east-1:111122223333:stack/tiny-dev/d"
STACK, ROLE = "AWS::CloudFormation::Stack", "AWS::IAM::Role"


def change(logical_id: str, type_: str = ROLE, action: str = "Modify", **more: Any) -> Any:
    said = {"LogicalResourceId": logical_id, "ResourceType": type_, "Action": action, **more}
    return {"Type": "Resource", "ResourceChange": said}


FOUND = {"ChangeSetId": ROOT, "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}


def page(*changes: Any, **more: Any) -> dict[str, Any]:
    said = {"StackId": STACK_ID, "Status": "CREATE_COMPLETE"}
    return {**said, "Changes": list(changes), **more}


def request(**more: Any) -> Request:
    return Request("tiny-dev", more.pop("url", "https://s3/p.json"), {"A": "1"}, more)


def stack(**more: Any) -> Stack:
    return Stack("tiny-dev", STACK_ID, "CREATE_COMPLETE", datetime.now(UTC), **more)


def waits(tell: Callable[[], object]) -> Iterator[float]:
    """Wait not at all, and have every wait told."""
    while True:
        yield 0.0
        tell()


def create(aws: Aws, told: list[str] | None = None) -> ChangeSet | None:
    return changesets.create(aws, request(), stack(), ([] if told is None else told).append)


def created(aws: Aws) -> ChangeSet:
    made = create(aws)
    assert made
    return made


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changesets, "pauses", lambda tell: waits(tell))


def test_cloudformation_acts_with_the_role_that_is_given(aws: Aws) -> None:
    role = "arn:aws:iam::111122223333:role/deploys"
    asked = replace(request(), role_arn=role)
    with Stubber(aws.cloudformation) as api:
        api.add_response(
            "create_change_set",
            {"Id": ROOT},
            {
                "RoleARN": role,
                "ChangeSetName": asked.name(stack()),
                **dict.fromkeys(
                    (
                        "StackName",
                        "ChangeSetType",
                        "TemplateURL",
                        "Parameters",
                        "Tags",
                        "Capabilities",
                        "Description",
                        "IncludeNestedStacks",
                    ),
                    ANY,
                ),
            },
        )
        api.add_response("describe_change_set", page(change("A")))
        assert changesets.create(aws, asked, stack(), list[str]().append)
        api.assert_no_pending_responses()


def test_another_role_is_another_change_set() -> None:
    assert replace(request(), role_arn="arn:role").name(stack()) != request().name(stack())


def test_changes_of_every_page_and_every_nested_change_set_are_read(aws: Aws) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", FOUND)
        api.add_response(
            "describe_change_set",
            page(change("One"), NextToken="more"),
            {"ChangeSetName": ROOT, "IncludePropertyValues": True},
        )
        api.add_response(
            "describe_change_set",
            page(change("Services", STACK, ChangeSetId=INNER)),
            {"ChangeSetName": ROOT, "IncludePropertyValues": True, "NextToken": "more"},
        )
        api.add_response(
            "describe_change_set",
            page(change("Two")),
            {"ChangeSetName": INNER, "IncludePropertyValues": True},
        )
        read = created(aws)
        api.assert_no_pending_responses()
    assert read.changes == (
        Change((), "One", ROLE, "Modify", "no"),
        Change((), "Services", STACK, "Modify", "no"),
        Change(("Services",), "Two", ROLE, "Modify", "no"),
    )


def test_what_goes_with_a_removed_nested_stack_is_listed(aws: Aws) -> None:
    child = f"{STACK_ID}-child"
    resources = [
        {"LogicalResourceId": name, "ResourceType": ROLE, "ResourceStatus": status}
        | {"LastUpdatedTimestamp": datetime.now(UTC)}
        for name, status in (("Here", "CREATE_COMPLETE"), ("Gone", "DELETE_COMPLETE"))
    ]
    removed = change("Services", STACK, "Remove", PhysicalResourceId=child)
    kept = {"Resources": {"Here": {"DeletionPolicy": "Retain"}}}
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", FOUND)
        api.add_response("describe_change_set", page(removed))
        api.add_response("get_template", {"TemplateBody": json.dumps(kept)})
        api.add_response(
            "list_stack_resources", {"StackResourceSummaries": resources}, {"StackName": child}
        )
        read = created(aws)
    assert read.changes == (
        Change((), "Services", STACK, "Remove", "no"),
        Change(("Services",), "Here", ROLE, "Remove", "no", retained=True),
    )


def test_of_a_nested_stack_that_is_retained_everything_stays(aws: Aws) -> None:
    resources = [
        {"LogicalResourceId": "Here", "ResourceType": ROLE, "ResourceStatus": "CREATE_COMPLETE"}
        | {"LastUpdatedTimestamp": datetime.now(UTC)}
    ]
    removed = change("Nest", STACK, "Remove", PhysicalResourceId="x", PolicyAction="Retain")
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", FOUND)
        api.add_response("describe_change_set", page(removed))
        api.add_response("get_template", {"TemplateBody": '{"Resources": {"Here": {}}}'})
        api.add_response("list_stack_resources", {"StackResourceSummaries": resources})
        assert [one.retained for one in created(aws).changes] == [True, True]


@pytest.mark.parametrize(
    ("said", "replacement"),
    [
        ({"Replacement": "True"}, "yes"),
        ({"Replacement": "False"}, "no"),
        ({"Replacement": "Conditional"}, "maybe"),
        ({"action": "Dynamic"}, "maybe"),
        ({"PolicyAction": "ReplaceAndRetain"}, "yes"),
        ({"PolicyAction": "ReplaceAndDelete", "Replacement": "Conditional"}, "maybe"),
        ({"action": "Add"}, "no"),
        ({"action": "Remove", "PolicyAction": "Delete"}, "no"),
    ],
)
def test_a_replacement_is_sure_possible_or_excluded(
    aws: Aws, said: dict[str, str], replacement: str
) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", FOUND)
        api.add_response("describe_change_set", page(change("Role", **said)))
        assert created(aws).changes[0].replacement == replacement


def failed(arn: str, name: str, reason: str) -> dict[str, Any]:
    said = {"ChangeSetId": arn, "StackName": name, "StackId": STACK_ID}
    return said | {"Status": "FAILED", "StatusReason": reason}


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create "
        "a change set.",
        "No updates are to be performed.",
    ],
)
def test_an_empty_change_set_is_nothing_to_do_and_leaves_nothing(aws: Aws, reason: str) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_response("create_change_set", {"Id": ROOT, "StackId": STACK_ID})
        api.add_response("describe_change_set", failed(ROOT, "tiny-dev", reason))
        api.add_response("delete_change_set", {}, {"ChangeSetName": ROOT})
        assert create(aws) is None
        api.assert_no_pending_responses()


def test_a_refused_change_set_is_explained_by_the_deepest_nested_one(aws: Aws) -> None:
    def not_made(arn: str) -> str:
        return f"Nested change set {arn} was not successfully created: Currently in FAILED."

    with Stubber(aws.cloudformation) as api:
        api.add_response("create_change_set", {"Id": ROOT, "StackId": STACK_ID})
        api.add_response("describe_change_set", failed(ROOT, "tiny-dev", not_made(INNER)))
        api.add_response("describe_change_set", failed(INNER, "tiny-dev-Services", not_made(DEEP)))
        api.add_response("describe_change_set", failed(DEEP, "tiny-dev-Api", "Unknown property"))
        api.add_response("delete_change_set", {}, {"ChangeSetName": ROOT})
        with pytest.raises(DeliveryError, match=r"of tiny-dev-Api was refused: Unknown property"):
            create(aws)
        api.assert_no_pending_responses()


@pytest.mark.usefixtures("no_pauses")
def test_a_change_set_that_can_no_longer_be_executed_goes_before_it_is_made_again(aws: Aws) -> None:
    old = {"ChangeSetId": DEEP, "Status": "CREATE_COMPLETE", "ExecutionStatus": "OBSOLETE"}
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", old)
        api.add_response("delete_change_set", {}, {"ChangeSetName": DEEP})
        api.add_response("describe_change_set", old | {"Status": "DELETE_IN_PROGRESS"})
        api.add_client_error("describe_change_set", "ChangeSetNotFound")
        api.add_response("create_change_set", {"Id": ROOT, "StackId": STACK_ID})
        api.add_response("describe_change_set", page(change("One")))
        told: list[str] = []
        made = create(aws, told)
        api.assert_no_pending_responses()
    assert made
    assert made.arn == ROOT
    assert told == [
        f"tiny-dev: waits until an old change set is deleted: {request().name(stack())}"
    ]


def test_a_change_set_that_cannot_be_deleted_is_named(aws: Aws) -> None:
    stuck = {"ChangeSetId": DEEP, "Status": "DELETE_FAILED"}
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", stuck)
        with pytest.raises(DeliveryError, match=f"cannot be deleted: {DEEP}"):
            create(aws)


@pytest.mark.usefixtures("no_pauses")
def test_a_stack_that_was_only_planned_lets_its_change_sets_go_first(aws: Aws) -> None:
    def listed(*made: tuple[str, str]) -> dict[str, Any]:
        return {"Summaries": [{"ChangeSetId": arn, "Status": status} for arn, status in made]}

    with Stubber(aws.cloudformation) as api:
        api.add_response(
            "list_change_sets", listed((ROOT, "CREATE_COMPLETE"), (DEEP, "CREATE_IN_PROGRESS"))
        )
        api.add_response("delete_change_set", {}, {"ChangeSetName": ROOT})
        api.add_response("list_change_sets", listed((ROOT, "DELETE_PENDING"), (DEEP, "FAILED")))
        api.add_response("delete_change_set", {}, {"ChangeSetName": DEEP})
        api.add_response("list_change_sets", listed())
        told: list[str] = []
        changesets.discard_all(aws, stack(), told.append)
        api.assert_no_pending_responses()
    assert told == ["tiny-dev: waits until its change sets are deleted"]


@pytest.mark.usefixtures("no_pauses")
def test_a_change_set_that_is_being_made_is_waited_for(aws: Aws) -> None:
    being_made = {"ChangeSetId": ROOT, "Status": "CREATE_IN_PROGRESS"}
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        for _ in range(3):
            api.add_response("describe_change_set", being_made)
        api.add_response("describe_change_set", page(change("One")))
        told: list[str] = []
        made = create(aws, told)
        api.assert_no_pending_responses()
    assert made
    assert made.arn == ROOT
    assert told == [f"tiny-dev: waits until its change set is made: {ROOT}"]


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("code", ["AlreadyExistsException", "ChangeSetNotFound"])
def test_whose_place_another_deployment_took_while_its_change_set_was_made_is_told_so(
    aws: Aws, code: str
) -> None:
    with Stubber(aws.cloudformation) as api:
        if code == "AlreadyExistsException":  # of something else than this change set
            api.add_client_error("create_change_set", code)
            api.add_client_error("describe_change_set", "ChangeSetNotFound")
            api.add_client_error("create_change_set", code)
        else:
            api.add_response("create_change_set", {"Id": ROOT, "StackId": STACK_ID})
            api.add_client_error("describe_change_set", code)
        with pytest.raises(DeliveryError, match="Another deployment of tiny-dev came first: "):
            create(aws)
        api.assert_no_pending_responses()


def test_a_change_set_whose_making_was_answered_to_nobody_is_found(aws: Aws) -> None:
    """As botocore sees it: the first call came through, its answer did not, so it called again."""
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", FOUND)
        api.add_response("describe_change_set", page(change("One")))
        assert created(aws).arn == ROOT
        api.assert_no_pending_responses()


READY = ChangeSet(ROOT, STACK_ID, ())


@pytest.mark.parametrize("code", ["InvalidChangeSetStatus", "TokenAlreadyExistsException"])
def test_a_change_set_that_is_carried_out_already_is_no_failure(aws: Aws, code: str) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error(
            "execute_change_set",
            code,
            expected_params={
                "ChangeSetName": ROOT,
                "ClientRequestToken": "a",
                "RetainExceptOnCreate": True,
            },
        )
        running = FOUND | {"ExecutionStatus": "EXECUTE_IN_PROGRESS"}
        api.add_response("describe_change_set", running, {"ChangeSetName": ROOT})
        assert not changesets.execute(aws, READY)
        api.assert_no_pending_responses()


def test_a_change_set_that_the_stack_has_left_behind_is_not_carried_out(aws: Aws) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("execute_change_set", "InvalidChangeSetStatus")
        api.add_response("describe_change_set", FOUND | {"ExecutionStatus": "OBSOLETE"})
        with pytest.raises(DeliveryError, match="Another deployment of tiny-dev came first: "):
            changesets.execute(aws, READY)


def test_somebody_else_carries_out_what_was_found_a_moment_ago(aws: Aws) -> None:
    with Stubber(aws.cloudformation) as api:
        running = FOUND | {"ExecutionStatus": "EXECUTE_IN_PROGRESS"}
        api.add_client_error("create_change_set", "AlreadyExistsException")
        api.add_response("describe_change_set", running)
        with pytest.raises(DeliveryError, match="Another deployment of tiny-dev came first: "):
            create(aws)
        api.assert_no_pending_responses()


@pytest.mark.parametrize(
    "said",
    [
        f"Stack:{STACK_ID} is in UPDATE_IN_PROGRESS state and can not be updated.",
        "Stack [tiny-dev] already exists and cannot be created again with the changeSet [review].",
    ],
)
def test_a_stack_that_is_not_as_it_was_belongs_to_another_deployment(aws: Aws, said: str) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("create_change_set", "ValidationError", said)
        with pytest.raises(DeliveryError, match="Another deployment of tiny-dev came first: "):
            create(aws)


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_change_set_that_goes_already_need_not_be_deleted(aws: Aws, status: str) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("delete_change_set", "InvalidChangeSetStatus")
        api.add_response("describe_change_set", FOUND | {"Status": status})
        if status == "DELETE_IN_PROGRESS":
            changesets.delete(aws, ROOT)
        else:
            with pytest.raises(DeliveryError, match="InvalidChangeSetStatus"):
                changesets.delete(aws, ROOT)


def test_a_change_set_is_named_by_what_it_would_do() -> None:
    now = request(Team="core").name(stack())
    assert now == request(Team="core").name(stack())
    assert now != request(Team="other").name(stack())
    assert now != request(url="https://s3/q.json", Team="core").name(stack())
    assert now != request(Team="core").name(stack(updated=datetime.now(UTC)))


def test_the_time_of_creation_does_not_name_a_change_set() -> None:
    assert request(CreatedAt="1").name(None) == request(CreatedAt="2").name(None)


def test_an_absent_stack_and_one_under_review_are_the_same_to_a_change_set() -> None:
    shell = Stack("tiny-dev", STACK_ID, "REVIEW_IN_PROGRESS", datetime.now(UTC))
    assert request().name(None) == request().name(shell)
