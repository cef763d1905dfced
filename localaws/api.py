"""Call a service of the local AWS from inside its own process.

A request goes through botocore's serializer to the service's handler and back through botocore's
parser, so a resource that CloudFormation creates is the one that the service's API would create.
"""

import json
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from localaws import emulator
from localaws.clients import loader

Answer = dict[str, Any]


class CallError(ValueError):
    """A service refused the request; `code` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


@cache
def _service_model(service: str) -> ServiceModel:
    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's description of an operation, such as ("ecs", "CreateService")."""
    return _service_model(service).operation_model(operation)


def call(service: str, operation: str, /, **parameters: Any) -> Answer:
    """Return what the operation answers, in boto3's shape; raise CallError if it is refused.

    The account and region are those of the request that is being served.
    """
    if service == "ecs":
        return _call_ecs(operation, parameters)
    model = operation_model(service, operation)
    protocol = model.service_model.resolved_protocol
    serializer = create_serializer(protocol, include_validation=False)
    request = serializer.serialize_to_request(parameters, model)
    status, headers, body = _send(service, request)
    parser: Any = create_parser(protocol)
    answer: Answer = parser.parse(
        {"status_code": status, "headers": headers, "body": body}, model.output_shape
    )
    if status >= 400:
        error = answer.get("Error", {})
        raise CallError(error.get("Code", str(status)), error.get("Message", ""))
    return answer


def _send(service: str, request: dict[str, Any]) -> emulator.Response:
    body = request["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    path, _, query = request["url_path"].partition("?")
    path = request.get("auth_path", path)  # a client of S3 moves the bucket there, for all clients
    handler = emulator.service_handlers[_signing_name(service)](
        request["method"],
        path,
        {
            "authorization": _signature(service),
            **{name.lower(): value for name, value in request["headers"].items()},
        },
        body.encode() if isinstance(body, str) else body,
        parse_qs(query, keep_blank_values=True),
    )
    return _result_of(handler, service)


def _signature(service: str) -> str:
    """Return what says that the account itself calls: S3 takes other requests for anybody's."""
    scope = f"{emulator.account_id()}/20260101/{emulator.region()}/{_signing_name(service)}"
    return f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, SignedHeaders=host, Signature=0"


def _signing_name(service: str) -> str:
    return {"cloudwatch": "monitoring", "elbv2": "elasticloadbalancing"}.get(service, service)


def _result_of(handler: Any, service: str) -> emulator.Response:
    """Run a handler that is declared async and never waits."""
    try:
        handler.send(None)
    except StopIteration as finished:
        response: emulator.Response = finished.value
        return response
    handler.close()
    raise RuntimeError(f"the handler of {service} waits: it can not be called in-process")


def _call_ecs(operation: str, parameters: dict[str, Any]) -> Answer:
    """ECS answers on a thread of its own, but its actions are plain functions."""
    status, _, body = emulator.ecs_actions[operation](parameters)
    answer: Answer = json.loads(body)
    if status >= 400:
        raise CallError(answer.get("__type", str(status)), answer.get("message", ""))
    return answer
