"""The table of what commands need, as ``docs/rights.md`` has it."""

from collections.abc import Iterator

from checks.permissions.deployment.commands import NEEDS, Grant, Need


def lines() -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| For what | Commands | Permissions | Pipeline |"
    yield "| --- | --- | --- | --- |"
    for need in NEEDS:
        commands = ", ".join(f"`{one}`" for one in need.commands)
        permissions = ", ".join(f"`{one}`" for one in need.actions) or "none"
        yield f"| {need.what} | {commands} | {permissions} | {_pipeline(need)} |"


def _pipeline(need: Need) -> str:
    return "yes" if need.grant is Grant.ALL else f"no: {need.why}"
