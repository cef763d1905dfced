"""What AWS answers where it does not carry out a call, in the shape of each protocol.

Sources: Amazon EC2 API Reference, "Error codes"; Amazon S3 API Reference, "Error responses"; AWS
CloudFormation API Reference, "Common errors"; botocore's parsers, which read them.
"""

import json
from dataclasses import dataclass

QUERY = {
    "autoscaling",
    "cloudformation",
    "elasticloadbalancing",
    "iam",
    "monitoring",
    "sns",
    "sts",
}
"""Services, as signatures name them, that answer errors as the Query protocol has them."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def throttled(service: str) -> Answer:
    """Return the request for fewer calls."""
    match service:
        case "s3":
            return _answer(service, 503, "SlowDown", "Please reduce your request rate.")
        case "ec2":
            return _answer(service, 503, "RequestLimitExceeded", "Request limit exceeded.")
    code = "Throttling" if service in QUERY else "ThrottlingException"
    return _answer(service, 400, code, "Rate exceeded")


def trouble(service: str, status: int) -> Answer:
    """Return the failure of a service: ``status`` is 500 or 503."""
    if status == 503:
        code = "Unavailable" if service == "ec2" else "ServiceUnavailable"
        return _answer(service, status, code, "The service is unavailable. Please try again.")
    code = "InternalError" if service in {"s3", "ec2"} else "InternalFailure"
    return _answer(service, status, code, "We encountered an internal error. Please try again.")


def expired(service: str) -> Answer:
    """Return the refusal of credentials that have expired."""
    match service:
        case "s3":
            return _answer(service, 400, "ExpiredToken", "The provided token has expired.")
        case "ec2":
            return _answer(service, 400, "RequestExpired", "Request has expired.")
    code = "ExpiredToken" if service in QUERY else "ExpiredTokenException"
    status = 403 if service in QUERY else 400
    return _answer(service, status, code, "The security token included in the request is expired")


def _answer(service: str, status: int, code: str, message: str) -> Answer:
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        return _xml(status, f"<Error>{error}<RequestId>r</RequestId></Error>")
    if service == "ec2":
        return _xml(
            status,
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>",
        )
    if service in QUERY:
        return _xml(
            status,
            f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
            "<RequestId>r</RequestId></ErrorResponse>",
        )
    body = json.dumps({"__type": code, "message": message}).encode()
    return Answer(status, [("Content-Type", "application/x-amz-json-1.1")], body)


def _xml(status: int, text: str) -> Answer:
    return Answer(status, [("Content-Type", "text/xml")], text.encode())
