"""A nested change set as one table, for people and for CI logs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.columns import columns
from delivery.changes import Cause, Change
from delivery.policy import LEVELS, Level, Policy, Risk
from delivery.stacks import NESTED

COLUMNS = ("Stack", "Logical ID", "Type", "Action", "Replacement", "Risk")

Line = tuple[str, Change, Risk]
"""The path of a stack, a change in it, and what that means."""

_ACTION_STYLE = {"Add": "green", "Modify": "yellow", "Remove": "red"}
_REPLACEMENT_STYLE = {"yes": "bold red", "maybe": "yellow", "no": "dim"}
_RISK_STYLE: dict[Level, str] = {
    "none": "dim",
    "low": "",
    "access": "cyan",
    "interruption": "yellow",
    "external": "red",
    "data loss": "bold red",
}
_WIDTH_OF_CAUSES = 48
_LONGEST_VALUE = 64
_LOW = LEVELS.index("low")


def lines(stack_name: str, changes: Sequence[Change], policy: Policy) -> list[Line]:
    """Return a line for each change, sorted by stack path."""
    ordered = sorted(changes, key=lambda change: (change.path, change.logical_id))
    return [("/".join((stack_name, *c.path)), c, policy.risk(c)) for c in ordered]


def summary(changes: Sequence[Change]) -> str:
    """Return the changes counted, such as ``12 to add, 2 to modify, 1 of them replaced``."""
    counts = Counter(change.action for change in changes)
    words = {"Add": "to add", "Modify": "to modify", "Remove": "to remove"}
    parts = [f"{n} {words.get(action, action.lower())}" for action, n in sorted(counts.items())]
    replaced = Counter(change.replacement for change in changes)
    if replaced["yes"]:
        parts.append(f"{replaced['yes']} replaced")
    if replaced["maybe"]:
        parts.append(f"{replaced['maybe']} perhaps replaced")
    return ", ".join(parts)


def told(change: Change) -> tuple[Cause, ...]:
    """Return what is told of what changes in a resource: of a stack nothing, it is listed below."""
    return () if change.type == NESTED else change.causes


def sentence(cause: Cause) -> str:
    """Return ``Cpu: 256 → 512 (replaces it; TaskCpu)``, long values without their middle."""
    notes = {"yes": ["replaces it"], "maybe": ["perhaps replaces it"], "no": []}[cause.replaces]
    notes += [cause.entity] if cause.entity else []
    note = f" ({'; '.join(notes)})" if notes else ""
    if cause.before is None and cause.after is None:
        return f"{cause.property}{note}"
    before, after = (short("none" if v is None else v) for v in (cause.before, cause.after))
    return f"{cause.property}: {before} → {after}{note}"


def short(value: str) -> str:
    """Return a value on one line, without its middle where it is long."""
    flat = " ".join(value.split())
    if len(flat) <= _LONGEST_VALUE:
        return flat
    half = _LONGEST_VALUE // 2
    return f"{flat[:half]}…{flat[-half:]}"


def reasons(table: Sequence[Line]) -> Iterator[tuple[Risk, list[str]]]:
    """Yield each risk but ``none`` with the addresses of the changes that have it, worst first."""
    by_risk: dict[Risk, list[str]] = {}
    for _, change, risk in table:
        by_risk.setdefault(risk, []).append(change.address)
    worst_first = sorted(by_risk, key=lambda risk: -LEVELS.index(risk.level))
    for risk in worst_first:
        if risk.level != "none":
            yield risk, by_risk[risk]


def show(console: Console, stack_name: str, changes: Sequence[Change], policy: Policy) -> None:
    """Print the changes: in colour on a terminal, in aligned plain lines elsewhere."""
    table = lines(stack_name, changes, policy)
    plain = list(columns([COLUMNS, *(_cells(line) for line in table)]))
    if not console.is_terminal:
        _print(console, plain[0])
        for (_, change, _), line in zip(table, plain[1:], strict=True):
            _print(console, line)
            for cause in told(change):
                _print(console, f"    {sentence(cause)}")
    elif max(map(len, plain)) + _WIDTH_OF_CAUSES <= console.width:
        console.print(_table(table))
    else:
        console.print(_list(table), end="")
    _print(console, f"{stack_name}: {summary(changes)}")
    for risk, addresses in reasons(table):
        _print(console, f"  {risk.level}: {listed(addresses)}: {risk.reason}")


def listed(texts: Sequence[str]) -> str:
    """Return the first three, and how many more there are."""
    more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
    return f"{', '.join(texts[:3])}{more}"


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _cells(line: Line) -> tuple[str, ...]:
    stack, change, risk = line
    return (
        stack,
        change.logical_id,
        change.type,
        change.action,
        change.replacement,
        risk.level,
    )


def _table(rows: Sequence[Line]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
    for column in (*COLUMNS, "What changes"):
        table.add_column(column, no_wrap=column in COLUMNS, overflow="fold")
    for stack, group in groupby(rows, key=lambda line: line[0]):
        heading = stack
        for _, change, risk in group:
            causes = Text("\n".join(map(sentence, told(change))))
            table.add_row(heading, change.logical_id, change.type, *_coloured(change, risk), causes)
            heading = ""
    return table


def _list(rows: Sequence[Line]) -> Text:
    """Return the changes for a terminal that is too narrow for the table."""
    text = Text()
    for stack, group in groupby(rows, key=lambda line: line[0]):
        text.append(f"{stack}\n", "bold")
        for _, change, risk in group:
            action, replacement, level = _coloured(change, risk)
            action.pad_right(8 - len(action))
            kind = (f"  {change.type}", "dim")
            text.append_text(Text.assemble("  ", action, change.logical_id, kind))
            if replacement.plain != "no":
                text.append_text(Text.assemble("  replacement: ", replacement))
            if LEVELS.index(risk.level) > _LOW:
                text.append_text(Text.assemble("  risk: ", level))
            text.append("\n")
            for cause in told(change):
                text.append(f"          {sentence(cause)}\n")
    return text


def _coloured(change: Change, risk: Risk) -> tuple[Text, Text, Text]:
    return (
        Text(change.action, _ACTION_STYLE.get(change.action, "yellow")),
        Text(change.replacement, _REPLACEMENT_STYLE[change.replacement]),
        Text(risk.level, _RISK_STYLE[risk.level]),
    )
