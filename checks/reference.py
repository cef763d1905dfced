"""The table of all checks, for ``docs/checks.md``: what each one is for and what it sees."""

from collections.abc import Iterator

from checks import consistency, own, permissions, reachability

FAMILIES = (
    ("E91xx", "Rules over one template, which plain cfn-lint can run.", "templates"),
    (
        "E92xx",
        "The contract between a stack and those nested in it: parameters and outputs that exist on "
        "one side only, exports, transforms.",
        "templates",
    ),
    (
        "E93xx",
        "CloudFormation's quotas: resources, parameters, outputs, bytes, lengths.",
        "templates",
    ),
    (
        "E94xx",
        "Parameter files: their names, their shape, unknown, missing and refused values, tags, "
        "credentials.",
        "parameter files",
    ),
    (
        "E95xx",
        "[Reachability](security.md#findings): connections that are missing or too many, ways out, "
        "zones.",
        "the resolved system and its description",
    ),
    (
        "E96xx",
        "[Permissions](security.md#findings): what is needed and not allowed, or allowed and not "
        "needed.",
        "the resolved system and its description",
    ),
    (
        "E97xx",
        "What has to agree across the whole nest and with the description.",
        "the resolved system and its description",
    ),
)
"""Ids, what they are about, and what the checks look at."""


def families() -> Iterator[str]:
    """Yield the table of the families of checks."""
    yield "| Rules | What they are about | What they look at |"
    yield "| --- | --- | --- |"
    yield from (f"| {ids} | {about} | {sight} |" for ids, about, sight in FAMILIES)


def own_rules() -> Iterator[str]:
    """Yield the table of the rules over one template."""
    yield "| Rule | What it is for |"
    yield "| --- | --- |"
    yield from (
        f"| {rule.id} | {rule.reason} |" for rule in sorted(own.RULES, key=lambda rule: rule.id)
    )


def over_the_nest() -> Iterator[str]:
    """Yield the table of the rules over a whole system."""
    yield "| Rule | What it is for |"
    yield "| --- | --- |"
    yield from (f"| {rule} | {reason} |" for rule, reason in sorted(consistency.REASONS.items()))


def over_connections_and_rights() -> Iterator[str]:
    """Yield the table of what reachability and permissions find, for ``docs/security.md``."""
    yield "| Rule | What it is for |"
    yield "| --- | --- |"
    reasons = {**reachability.REASONS, **permissions.REASONS}
    yield from (f"| {rule} | {reason} |" for rule, reason in sorted(reasons.items()))


TABLES = (families, own_rules, over_the_nest)
"""The tables of the page, in order."""
