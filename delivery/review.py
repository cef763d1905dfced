"""A nested change set as one table, for people and for CI logs."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.report import columns
from delivery.changes import Change

COLUMNS = ("Stack", "Logical ID", "Type", "Action", "Replacement")
FIELDS = ("stack", "logicalId", "type", "action", "replacement")
"""The columns' names for machines."""

Row = tuple[str, str, str, str, str]

_ACTION_STYLE = {"Add": "green", "Modify": "yellow", "Remove": "red"}
_REPLACEMENT_STYLE = {"yes": "bold red", "maybe": "yellow", "no": "dim"}


def rows(stack_name: str, changes: Sequence[Change]) -> list[Row]:
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
    """Print the changes: in colour on a terminal, in aligned plain lines elsewhere."""
    table = rows(stack_name, changes)
    if not console.is_terminal:
        for line in columns([COLUMNS, *table]):
            console.print(line, soft_wrap=True, markup=False)
    elif max(map(len, columns([COLUMNS, *table]))) <= console.width:
        console.print(_table(table))
    else:
        console.print(_list(table))
    console.print(f"{stack_name}: {summary(changes)}", markup=False, soft_wrap=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
    for column in COLUMNS:
        table.add_column(column)
    for stack, group in groupby(rows, key=itemgetter(0)):
        heading = stack
        for _, logical_id, kind, action, replacement in group:
            table.add_row(heading, logical_id, kind, *_coloured(action, replacement))
            heading = ""
    return table


def _list(rows: Sequence[Row]) -> Text:
    """Return the changes for a terminal that is too narrow for the table."""
    text = Text()
    for stack, group in groupby(rows, key=itemgetter(0)):
        text.append(f"{stack}\n", "bold")
        for _, logical_id, kind, *verdict in group:
            action, replacement = _coloured(*verdict)
            action.pad_right(8 - len(action))
            text.append_text(Text.assemble("  ", action, logical_id, (f"  {kind}", "dim")))
            if replacement.plain != "no":
                text.append_text(Text.assemble("  replacement: ", replacement))
            text.append("\n")
    return text


def _coloured(action: str, replacement: str) -> tuple[Text, Text]:
    return (
        Text(action, _ACTION_STYLE.get(action, "yellow")),
        Text(replacement, _REPLACEMENT_STYLE[replacement]),
    )
