"""Small nested templates: a parent over ``Data`` and ``Services``, and ``Api`` below."""

import json
from typing import Any

from delivery.deployment import Order

DIGEST = "sha256:" + "a" * 64
OTHER_DIGEST = "sha256:" + "b" * 64

SERVICES = ("api-gateway", "payment-processor", "fraud-detector")
"""Those of the gateway."""
IMAGES = [word for service in SERVICES for word in ("--image", f"{service}={DIGEST}")]
"""Options that give each of them an image."""


def nested(name: str, **parameters: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"TemplateURL": f"{name}.json"}
    if parameters:
        properties["Parameters"] = parameters
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def template(parameters: dict[str, Any] | None = None, **resources: Any) -> bytes:
    content: dict[str, Any] = {"Resources": resources}
    if parameters:
        content = {"Parameters": parameters, **content}
    return json.dumps(content).encode()


def log_group(name: Any, days: int = 7, **attributes: Any) -> dict[str, Any]:
    properties = {"LogGroupName": name, "RetentionInDays": days}
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties, **attributes}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def suffixed(stem: str) -> dict[str, Any]:
    return {"Fn::Sub": f"{stem}-${{EnvironmentSuffix}}"}


SUFFIX = {"EnvironmentSuffix": {"Type": "String", "AllowedPattern": "^[a-z]+$"}}
IMAGE = {"ApiImageDigest": {"Type": "String", "Default": ""}}


def templates(*, data_days: int = 7, api_days: int = 7, broken: bool = False) -> dict[str, bytes]:
    """A system whose services wait for the image of ``api``."""
    handed_on = {"EnvironmentSuffix": ref("EnvironmentSuffix")}
    image = {"ApiImageDigest": ref("ApiImageDigest")}
    parent = json.loads(template(SUFFIX | IMAGE, Data=nested("data", **handed_on)))
    parent["Conditions"] = {"Known": {"Fn::Not": [{"Fn::Equals": [ref("ApiImageDigest"), ""]}]}}
    parent["Resources"]["Services"] = {
        **nested("services", **handed_on, **image),
        "Condition": "Known",
    }
    parent["Outputs"] = {"Environment": {"Value": ref("EnvironmentSuffix")}}
    api = {"Api": log_group(suffixed("/api"), days=api_days)}
    if broken:
        subnet = {"SubnetId": "subnet-00000000", "ConnectivityType": "private"}
        api["Broken"] = {"Type": "AWS::EC2::NatGateway", "Properties": subnet, "DependsOn": "Api"}
    return {
        "parent.json": json.dumps(parent).encode(),
        "data.json": template(SUFFIX, Logs=log_group(suffixed("/data"), days=data_days)),
        "services.json": template(SUFFIX | IMAGE, Api=nested("api", **handed_on, **image)),
        "api.json": template(SUFFIX | IMAGE, **api),
    }


def order(
    sources: dict[str, bytes] | None = None, parameters: dict[str, str] | None = None, **tags: str
) -> Order:
    return Order(
        system="tiny",
        services=("api",),
        templates=sources or templates(),
        environment="dev",
        parameters=parameters or {},
        file_tags=tags,
        given_tags={},
        ci={},
    )
