"""The role that Amazon ECS itself acts with, which an account has once.

Source: Amazon ECS Developer Guide, "Using service-linked roles for Amazon ECS".
"""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from delivery.aws import DENIED, Aws, error_code, explained
from delivery.preflight.results import Result, later, ok
from delivery.preflight.subject import Subject

ECS = "ecs.amazonaws.com"
_TAKEN = {"InvalidInput", "InvalidInputException", "EntityAlreadyExists"}
"""What IAM answers where the role is there."""


def check(it: Subject) -> Iterator[Result]:
    """Look for the role: one call to IAM."""
    if exists(it.aws):
        yield ok("ECS has its service-linked role")
    else:
        yield later("ECS has no service-linked role yet; deploy makes it")


def exists(aws: Aws) -> bool:
    """Return whether the account has the role."""
    found = aws.client("iam").list_roles(PathPrefix=f"/aws-service-role/{ECS}/")
    return bool(found["Roles"])


def make(aws: Aws) -> bool:
    """Make the role; that somebody else was faster is no mistake. Returns whether we may."""
    with explained():
        try:
            aws.client("iam").create_service_linked_role(AWSServiceName=ECS)
        except ClientError as error:
            if error_code(error) in DENIED:
                return False
            if error_code(error) not in _TAKEN:
                raise
    return True
