"""AWS::SecretsManager::RotationSchedule: a function that is there already rotates a secret."""

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.service_rights import allows
from localaws.shapes import is_true, parameters_of


def _create(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    _check_function(properties["RotationLambdaARN"], properties["SecretId"])
    rules = properties.get("RotationRules", {})
    if {"AutomaticallyAfterDays", "ScheduleExpression"} <= rules.keys():
        raise CallError(
            "InvalidParameterException",
            "You can't specify both AutomaticallyAfterDays and ScheduleExpression",
        )
    named = {n: v for n, v in properties.items() if n != "RotateImmediatelyOnUpdate"}
    request = parameters_of("secretsmanager", "RotateSecret", named)
    arn = call("secretsmanager", "DescribeSecret", SecretId=request["SecretId"])["ARN"]
    if is_true(properties.get("RotateImmediatelyOnUpdate", True)):
        call("secretsmanager", "RotateSecret", **request)
    else:  # ministack rotates at every call
        secret = next(each for each in emulator.secrets.values() if each["ARN"] == arn)
        request.pop("SecretId")
        secret.update(request, RotationEnabled=True)
    return arn, {"Id": arn}


def _update(
    _arn: str, _old: Properties, new: Properties, stack: str, logical_id: str
) -> Provisioned:
    return _create(logical_id, new, stack)


def _delete(arn: str, _properties: Properties) -> None:
    """End the rotation, as CancelRotateSecret does, a call that ministack does not know."""
    for secret in emulator.secrets.values():
        if secret["ARN"] == arn:
            secret["RotationEnabled"] = False


def _check_function(arn: str, secret: str) -> None:
    """Refuse a function that is not there or that Secrets Manager may not call."""
    function = emulator.functions.get(arn.split(":")[6] if arn.count(":") >= 6 else arn)
    service, action = "secretsmanager.amazonaws.com", "lambda:InvokeFunction"
    policy = function["policy"] if function else ""
    if not allows(policy, service, action, arn, **{"aws:sourcearn": secret}):
        raise CallError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
            f"policy grants access to the principal {service}.",
        )


TYPES = [
    ResourceType(
        "AWS::SecretsManager::RotationSchedule",
        """
        RotateImmediatelyOnUpdate RotationLambdaARN RotationRules.AutomaticallyAfterDays
        RotationRules.Duration RotationRules.ScheduleExpression SecretId
        """,
        _create,
        _update,
        _delete,
        tags="",
    )
]
