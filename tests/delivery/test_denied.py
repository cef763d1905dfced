"""A missing permission is named, with what to do about it."""

import pytest
from botocore.exceptions import ClientError

from delivery.aws import explained
from delivery.denied import denial, hint
from delivery.errors import DeliveryError

PERSON = "arn:aws:sts::111122223333:assumed-role/deploys/ann"
ROLE = "arn:aws:sts::111122223333:assumed-role/rights-ExecutionRole-1A2B/AWSCloudFormation"
STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/gateway-dev/*"


def said(
    action: str, who: str = PERSON, resource: str = STACK, why: str = "because no identity-based"
) -> str:
    """Return what AWS says."""
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"


def told(operation: str, code: str, message: str) -> str:
    error = ClientError({"Error": {"Code": code, "Message": message}}, operation)
    with pytest.raises(DeliveryError) as raised, explained():
        raise error
    assert raised.value.exit_code == 1
    return str(raised.value)


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("AccessDenied", ""),
        ("AccessDeniedException", ""),
        ("UnauthorizedOperation", "You are not authorized to perform this operation. "),
        # What CloudFormation passes on from another service.
        ("ValidationError", ""),
    ],
)
def test_what_aws_names_is_told_with_what_to_ask_for(code: str, before: str) -> None:
    message = told("CreateChangeSet", code, before + said("iam:PassRole"))

    assert said("iam:PassRole") in message
    assert "Ask for iam:PassRole (docs/rights.md " in message
    assert message.endswith("or use another --profile.")


def test_an_explicit_denial_is_not_helped_by_another_permission() -> None:
    why = "with an explicit deny in a service control policy"
    message = told("DeleteStack", "AccessDenied", said("cloudformation:DeleteStack", why=why))

    assert "A policy denies cloudformation:DeleteStack by name: ask whoever wrote it" in message
    assert "Ask for" not in message


@pytest.mark.parametrize(
    ("operation", "needs"),
    [
        ("HeadBucket", "s3:ListBucket"),
        ("DeleteObjects", "s3:DeleteObject and s3:DeleteObjectVersion"),
        ("DescribeImages", "ecr:DescribeImages"),
    ],
)
def test_where_aws_names_nothing_the_call_says_what_it_takes(operation: str, needs: str) -> None:
    assert f"{operation}: Forbidden. It needs {needs}. Ask for {needs} " in (
        told(operation, "403", "Forbidden")
    )


def test_a_call_that_is_not_ours_is_told_as_it_is() -> None:
    assert told("RunInstances", "AccessDenied", "no").startswith(
        "Access denied: RunInstances: no. Ask for that permission "
    )


def test_what_cloudformation_lacks_is_told_apart_by_whose_rights_it_has() -> None:
    assert "The role that CloudFormation acts with lacks ecr:CreateRepository" in (
        hint(f"Resource handler returned message: {said('ecr:CreateRepository', ROLE)}")
    )
    assert "acts with your own rights, which lack ecr:CreateRepository: give it a role with" in (
        hint(said("ecr:CreateRepository"))
    )
    assert hint("AccessDenied") == "Whoever deploys lacks that permission."
    assert denial("no such thing") is None
