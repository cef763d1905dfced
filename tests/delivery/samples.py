"""Small nested templates: a parent over ``data`` and ``services``, and a service below that."""

import json
from typing import Any


def nested(name: str, **parameters: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"TemplateURL": f"{name}.json"}
    if parameters:
        properties["Parameters"] = parameters
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def template(**resources: Any) -> bytes:
    return json.dumps({"Resources": resources}).encode()
