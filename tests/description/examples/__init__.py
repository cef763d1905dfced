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


def calling(callees: int, secrets: int, routes: int = 0) -> str:
    """Return a system whose service ``hub`` calls others, reads secrets and has routes."""
    others = [f"s{n}" for n in range(callees)]
    reads = ", ".join(f"V{n}: {{secret: k{n}, key: a}}" for n in range(secrets))
    ways = ", ".join(f"{{priority: {n + 1}, paths: [/{n}]}}" for n in range(routes))
    hub = f"port: 80, {CHECK}, calls: {others}, secrets: {{{reads}}}, routes: [{ways}]"
    each = "".join(f"\n  {name}: {{port: 80, {CHECK}}}" for name in others)
    keys = ", ".join(f"k{n}: {{description: x, keys: [a]}}" for n in range(secrets))
    return f"services:\n  hub: {{{hub}}}{each}\nsecrets: {{{keys}}}"


def reading(count: int) -> str:
    """Return a system of two services in shard 2, which read so many secrets each."""
    read = [", ".join(f"V{n}: {{secret: {s}{n}, key: a}}" for n in range(count)) for s in "ab"]
    both = "".join(
        f"\n  {name}: {{shard: 2, {CHECK}, secrets: {{{one}}}}}"
        for name, one in zip("ab", read, strict=True)
    )
    keys = ", ".join(f"{s}{n}: {{description: x, keys: [a]}}" for n in range(count) for s in "ab")
    return f"services:{both}\nsecrets: {{{keys}}}"


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
