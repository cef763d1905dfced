"""Examples: for each rule, a description that breaks it and one that keeps it."""

from dataclasses import dataclass

from description.crosschecks import Rule

CHECK = "health_check: {command: [CMD, /alive]}"
ARN = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:paid"


@dataclass(frozen=True)
class Example:
    """A description that breaks a rule, what the rule says, and a description that keeps it."""

    rule: Rule
    wrong: str
    says: list[str]
    right: str


def service(text: str) -> str:
    """Return a system with a service of these fields, and another one that can be called."""
    return f"services: {{api: {{{text}}}, other: {{port: 80, {CHECK}}}}}"


def many_services(count: int, each: str = "") -> str:
    """Return a system of so many services, each with more fields."""
    fields = f"{CHECK}, {each}" if each else CHECK
    return "services:\n" + "\n".join(f"  s{n}: {{{fields}}}" for n in range(count))


def many_secrets(count: int, each: str) -> str:
    """Return a system of so many secrets, each with more fields."""
    fields = "description: x, keys: [a]" + (f", {each}" if each else "")
    secrets = "\n".join(f"  s{n}: {{{fields}}}" for n in range(count))
    return f"services: {{a: {{{CHECK}}}}}\nsecrets:\n{secrets}"


def permission(arn: str) -> str:
    """Return a system whose service may publish to ``arn``."""
    return service(f"permissions: [{{sid: A, actions: ['sns:Publish'], resources: ['{arn}']}}]")


def routed(*texts: str) -> str:
    """Return a system whose service has these routes."""
    return service(f"port: 80, routes: [{', '.join('{' + text + '}' for text in texts)}]")


def secret(keys: str, reads: str) -> str:
    """Return a system with a secret of these keys, and a service that reads these."""
    return (
        f"secrets: {{db: {{description: x, keys: {keys}}}}}\n"
        f"services: {{api: {{{CHECK}, secrets: {reads}}}}}"
    )
