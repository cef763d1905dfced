"""What the proxy answers is what botocore takes for throttling, trouble and expired credentials."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker

from localaws.clients import loader
from tests.faults.answers import QUERY, Answer, expired, throttled, trouble

MODELS = {
    "acm": "acm",
    "cloudformation": "cloudformation",
    "ec2": "ec2",
    "ecr": "ecr",
    "elasticloadbalancing": "elbv2",
    "iam": "iam",
    "logs": "logs",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "ssm": "ssm",
    "sts": "sts",
}
"""Services, as signatures name them, and what botocore calls them."""


def understood(service: str, answer: Answer) -> tuple[str, str]:
    """Return the code and the message that a client reads."""
    described = loader().load_service_model(MODELS[service], "service-2")
    model = ServiceModel(described, MODELS[service])
    protocol = model.resolved_protocol
    assert (protocol == "query") == (service in QUERY)
    response = {
        "status_code": answer.status,
        "headers": dict(answer.headers),
        "body": answer.body,
    }
    operation = model.operation_model(model.operation_names[0])
    parser: Any = create_parser(protocol)
    error = parser.parse(response, operation.output_shape)["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize("service", MODELS)
def test_throttling_is_known_as_such(service: str) -> None:
    code, message = understood(service, throttled(service))
    asked = RetryContext(1, parsed_response={"Error": {"Code": code, "Message": message}})
    assert ThrottledRetryableChecker().is_retryable(asked)


@pytest.mark.parametrize("service", MODELS)
@pytest.mark.parametrize("answer", [lambda s: trouble(s, 500), lambda s: trouble(s, 503)])
def test_troubles_have_a_code_and_a_word(service: str, answer: Callable[[str], Answer]) -> None:
    assert all(understood(service, answer(service)))


@pytest.mark.parametrize("service", MODELS)
def test_credentials_that_expired_are_told_as_aws_tells_it(service: str) -> None:
    code, _ = understood(service, expired(service))
    assert code in {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
