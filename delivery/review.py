"""A nested change set as one table, for people and for CI logs."""

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from checks.report import columns
from delivery.changesets import Change

COLUMNS = ("Stack", "Logical ID", "Type", "Action", "Replacement")
FIELDS = ("stack", "logicalId", "type", "action", "replacement")
"""The columns' names for machines."""

_ACTION_STYLE = {"Add": "green", "Modify": "yellow", "Remove": "red"}
_REPLACEMENT_STYLE = {"yes": "bold red", "maybe": "yellow", "no": "dim"}


def rows(stack_name: str, changes: Sequence[Change]) -> list[tuple[str, str, str, str, str]]:
    """Return one row for each change, in the order of ``COLUMNS``, sorted by stack path."""
    ordered = sorted(changes, key=lambda change: (change.path, change.logical_id))
    return [
        ("/".join((stack_name, *c.path)), c.logical_id, c.type, c.action, c.replacement)
        for c in ordered
    ]


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


def show(console: Console, stack_name: str, changes: Sequence[Change]) -> None:
    """Print the changes: a coloured table on a terminal, aligned plain lines elsewhere."""
    table = rows(stack_name, changes)
    if console.is_terminal:
        console.print(_coloured(table))
    else:
        for line in columns([COLUMNS, *table]):
            console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print(f"{stack_name}: {summary(changes)}", highlight=False, markup=False)


def _coloured(rows: Sequence[tuple[str, str, str, str, str]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    previous = ""
    for path, logical_id, kind, action, replacement in rows:
        table.add_row(
            path if path != previous else "",
            logical_id,
            kind,
            f"[{_ACTION_STYLE.get(action, 'yellow')}]{action}[/]",
            f"[{_REPLACEMENT_STYLE[replacement]}]{replacement}[/]",
        )
        previous = path
    return table
