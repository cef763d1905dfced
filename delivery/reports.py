"""A review as a document: Markdown for a comment on a pull request, JSON for machines."""

from collections.abc import Sequence
from typing import Any

from delivery.changes import Change
from delivery.policy import Policy, Refusal, Risk
from delivery.review import lines, listed, reasons, sentence, summary, told

_FOLDED = 25
"""A table with more rows than these is folded in a comment."""


def as_json(
    stack_name: str, changes: Sequence[Change], policy: Policy, refusals: Sequence[Refusal]
) -> dict[str, Any]:
    """Return a stack's changes as JSON has them, in order of their paths, with whole values."""
    refused = {refusal.change.address: refusal.rule.id for refusal in refusals}
    return {
        "stack": stack_name,
        "changes": [
            {
                "stack": stack,
                "logicalId": change.logical_id,
                "address": change.address,
                "type": change.type,
                "action": change.action,
                "replacement": change.replacement,
                "retained": change.retained,
                "risk": risk.level,
                "reason": risk.reason,
                "refusedBy": refused.get(change.address),
                "causes": [
                    {
                        "property": cause.property,
                        "replaces": cause.replaces,
                        "before": cause.before,
                        "after": cause.after,
                        "entity": cause.entity,
                    }
                    for cause in change.causes
                ],
            }
            for stack, change, risk in lines(stack_name, changes, policy)
        ],
    }


def as_markdown(
    stack_name: str,
    changes: Sequence[Change],
    policy: Policy,
    refusals: Sequence[Refusal],
    *notes: str,
) -> str:
    """Return the changes as a comment: a heading, warnings, the table, and ``notes`` at the end."""
    parts = [f"### {_code(stack_name)}: {summary(changes) or 'no changes'}"]
    table = lines(stack_name, changes, policy)
    warned = [
        f"- **{risk.level}**: {_listed(risk, addresses)}: {_text(risk.reason)}"
        for risk, addresses in reasons(table)
    ]
    if warned:
        parts.append("\n".join(warned))
    if refusals:
        named = ", ".join(_code(refusal.change.address) for refusal in refusals)
        parts.append(f"**Refused by policy** unless allowed by name: {named}")
    if table:
        rows = [
            "| Resource | Type | Action | Replacement | Risk | What changes |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for _, change, risk in table:
            what = "<br>".join(_text(sentence(cause)) for cause in told(change))
            verdict = f"{change.action} | {change.replacement} | {risk.level}"
            rows.append(f"| {_code(change.address)} | {change.type} | {verdict} | {what} |")
        parts.append(_folded("\n".join(rows), len(table)))
    return "\n\n".join([*parts, *notes]) + "\n"


def _listed(risk: Risk, addresses: Sequence[str]) -> str:
    """Return all addresses, of what is of low risk a few."""
    named = [_code(address) for address in addresses]
    return listed(named) if risk.level == "low" else ", ".join(named)


def _folded(table: str, rows: int) -> str:
    if rows <= _FOLDED:
        return table
    return f"<details><summary>{rows} changes</summary>\n\n{table}\n\n</details>"


def _code(text: str) -> str:
    return f"`{text}`"


def _text(text: str) -> str:
    """Return text that says in Markdown what it says, whatever is in it."""
    for mark, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, instead)
    return "".join(f"\\{c}" if c in r"\`*_{}[]|#~@" else c for c in text)
