"""The pack as a page for people, and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from checks.evidence.inventories import Table
from checks.evidence.pack import STAND_IN, Pack, Shown
from checks.resolved import Reference

STYLE: Final = Path(__file__).with_name("page.css")


def as_json(pack: Pack) -> str:
    """Return the pack as JSON."""
    content = {
        "standard": "PCI DSS v4.0.1",
        "system": pack.system,
        "environment": pack.environment,
        "profile": pack.profile.value,
        "description": pack.description,
        "controls": [_control(one) for one in pack.controls],
        "notShownHere": [
            {"requirement": one.requirement, "control": one.control, "why": one.otherwise}
            for one in pack.elsewhere
        ],
        "inventories": {
            table.title: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            for table in pack.tables
        },
        "givesUp": [
            {"field": one.field, "value": one.value, "givesUp": one.gives_up}
            for one in pack.gives_up
        ],
        "templates": pack.templates,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _control(shown: Shown) -> dict[str, Any]:
    control = shown.control
    return {
        "requirement": control.requirement,
        "asks": control.asks,
        "control": control.control,
        "holds": shown.holds,
        "evidence": [
            {
                "resource": fact.resource.address,
                "type": fact.resource.type,
                "template": fact.resource.file,
                "property": fact.property,
                "value": text(fact.value),
                "holds": fact.holds,
            }
            for fact in shown.facts
        ],
        "checks": list(control.rules),
        "findings": [f"{one.rule} {one.file} {one.path}: {one.message}" for one in shown.findings],
    }


def as_html(pack: Pack) -> str:
    """Return the pack as one page that needs no other file."""
    return "\n".join(_page(pack)) + "\n"


def text(value: object) -> str:
    """Return a property's value as people read it."""
    if value is None:
        return "not given"
    if isinstance(value, str | Reference):
        return str(value).replace(STAND_IN, "sha256:(given at deployment)")
    return json.dumps(value, default=str, ensure_ascii=False)


def _page(pack: Pack) -> Iterator[str]:
    title = f"{pack.system} in {pack.environment}: evidence for PCI DSS v4.0.1"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body>"
    yield f"<h1>{escape(title)}</h1>"
    count = len(pack.controls) - len(pack.open)
    yield f"<p>{escape(pack.description)}.</p>"
    yield (
        f"<p>A {pack.profile} environment. <strong>{count} of {len(pack.controls)} controls "
        "hold.</strong> Everything here is worked out from the templates whose digests are at the "
        "end, with the parameters of this environment. A value <code>${Stack/Resource}</code> is "
        "the identity of that resource, which AWS gives when it makes it; <code>(account)</code>, "
        "<code>(region)</code> and digests <code>(given at deployment)</code> are those of what "
        "is deployed.</p>"
    )
    yield from _summary(pack)
    if pack.elsewhere:
        yield from _table(
            Table(
                "Not shown here",
                "",
                ("Requirement", "Control", "Why"),
                tuple((one.requirement, one.control, one.otherwise) for one in pack.elsewhere),
            )
        )
    if pack.gives_up:
        yield from _table(
            Table(
                "What a development environment gives up",
                "It is cheap, and must not handle card data.",
                ("Field", "Value", "Gives up"),
                tuple((one.field, text(one.value), one.gives_up) for one in pack.gives_up),
            )
        )
    yield "<h2>Controls</h2>"
    for number, one in enumerate(pack.controls):
        yield from _shown(number, one)
    for table in pack.tables:
        yield from _table(table)
    yield from _table(
        Table(
            "Templates", "", ("File", "SHA-256"), tuple((k, v) for k, v in pack.templates.items())
        )
    )
    yield "</body></html>"


def _summary(pack: Pack) -> Iterator[str]:
    yield "<table><thead><tr><th>Requirement</th><th>Control</th><th></th></tr></thead><tbody>"
    for number, one in enumerate(pack.controls):
        yield (
            f'<tr><td>{escape(one.control.requirement)}</td><td><a href="#control-{number}">'
            f"{escape(one.control.control)}</a></td><td>{_mark(one.holds)}</td></tr>"
        )
    yield "</tbody></table>"


def _shown(number: int, one: Shown) -> Iterator[str]:
    control = one.control
    yield f'<section id="control-{number}">'
    yield f"<h3>{escape(control.requirement)} {_mark(one.holds)}</h3>"
    yield f"<p>{escape(control.asks)}</p><p><strong>{escape(control.control)}</strong></p>"
    yield f"<p>Checked in every build by {escape(', '.join(control.rules))}.</p>"
    for finding in one.findings:
        said = f"{finding.rule} {finding.file} {finding.path}: {finding.message}"
        yield f'<p class="no">{escape(said)}</p>'
    if not one.facts:
        yield '<p class="no">Nothing in the templates shows it.</p></section>'
        return
    yield from _rows(
        ("Resource", "Property", "Value", ""),
        [
            (
                escape(fact.resource.address),
                escape(fact.property),
                f"<code>{escape(text(fact.value))}</code>",
                _mark(fact.holds),
            )
            for fact in one.facts
        ],
    )
    yield "</section>"


def _table(table: Table) -> Iterator[str]:
    yield f"<h2>{escape(table.title)}</h2>"
    if table.about:
        yield f"<p>{escape(table.about)}</p>"
    yield from _rows(table.columns, [tuple(map(escape, row)) for row in table.rows])


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cells = "".join(f"<th>{escape(one)}</th>" for one in head)
    yield f"<table><thead><tr>{cells}</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>"
    yield "</tbody></table>"


def _mark(holds: bool) -> str:
    return '<span class="yes">holds</span>' if holds else '<span class="no">does not hold</span>'
