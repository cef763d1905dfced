"""SNS's Subscribe: an address waits until somebody confirms it; ministack confirms it at once."""

from localaws import emulator
from localaws.ec2_answers import one
from localaws.emulator import Parameters, Response

_WAITING = ("email", "email-json")


def install() -> None:
    """Let SNS subscribe from here."""
    emulator.replace("_subscribe", subscribe, emulator.sns)


def subscribe(parameters: Parameters) -> Response:
    """Subscribe; a new address is pending, and its ARN is told only to who asks for it."""
    topic = emulator.topics.get(one(parameters, "TopicArn"), {})
    before = len(topic.get("subscriptions", []))
    status, headers, body = emulator.subscribe(parameters)
    waiting = one(parameters, "Protocol") in _WAITING
    if status >= 400 or not waiting:
        return status, headers, body
    if len(topic["subscriptions"]) > before:
        subscription = topic["subscriptions"][-1]
        subscription["confirmed"] = False
        subscription["attributes"].update(
            PendingConfirmation="true", ConfirmationWasAuthenticated="false"
        )
    if one(parameters, "ReturnSubscriptionArn") != "true":
        arn = topic["subscriptions"][-1]["arn"]
        body = body.replace(f">{arn}<".encode(), b">pending confirmation<")
    return status, headers, body
