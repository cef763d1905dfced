"""The first deployment of a system as a picture: an SVG file, drawn without help."""

from collections.abc import Iterator
from html import escape
from typing import Final

from timeline.scenarios import Estimate, Growth
from timeline.text import clock, on_path, shown

_LEFT: Final = 250
_WIDTH: Final = 700
_RIGHT: Final = 90
_ROW: Final = 20
_TOP: Final = 84

_STACK: Final = "#c8d6e5"
_PATH: Final = "#c0392b"
_OTHER: Final = "#7f8c8d"
_TEXT: Final = "#1b2631"


def picture(estimate: Estimate) -> str:
    """Return the picture of the first deployment, in the typical case."""
    timeline = estimate.of("typical")
    drawing = _Drawing(timeline.first)
    body = [*drawing.stacks(), *drawing.path(), *drawing.others()]
    width, height = _LEFT + _WIDTH + _RIGHT, drawing.y + 34
    what = timeline.first.title.replace("first deployment", f"First deployment of {estimate.name}")
    heading = f"{what}: {clock(timeline.first.schedule.makespan)}"
    note = (
        f"Estimate from published durations, {timeline.durations.as_of}; typical case. "
        "Red: what the end waits for."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
            f"<title>{escape(heading)}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(16, 26, heading, size=17),
            _text(16, 46, note, fill=_OTHER),
            *drawing.axis(drawing.y),
            *body,
            "</svg>\n",
        ]
    )


class _Drawing:
    """Rows of bars over one axis of time, from the top downwards."""

    def __init__(self, first: Growth) -> None:
        self.first = first
        self.schedule = first.schedule
        self.longest = max(self.schedule.makespan, first.plain.makespan)
        self.y = _TOP

    def axis(self, bottom: int) -> Iterator[str]:
        """Yield a line and a label for each minute."""
        for minute in range(int(self.longest // 60) + 1):
            x = self._x(60 * minute)
            yield f'<path d="M{x:.1f} {_TOP - 14}V{bottom}" stroke="#e5e8ea"/>'
            yield _text(x, _TOP - 20, f"{minute} min", anchor="middle", fill=_OTHER)

    def stacks(self) -> Iterator[str]:
        """Yield a row for each stack, with its part of the critical path in it."""
        path = list(on_path(self.first))
        for stack, label in shown(self.schedule):
            address = stack.step.address
            yield from self._row(label, stack.start, stack.end, _STACK, address.count("/"))
            for bar, until in path:
                if bar.stack == address:
                    yield self._bar(bar.since, until, _PATH, 4)
            self.y += _ROW

    def path(self) -> Iterator[str]:
        """Yield a row for each resource of the critical path."""
        yield from self._heading("Critical path")
        for bar, until in on_path(self.first):
            yield from self._row(bar.step.address, bar.since, until, _PATH)
            self.y += _ROW

    def others(self) -> Iterator[str]:
        """Yield a row for this layout of stacks and for each that it is compared with."""
        yield from self._heading("Against others")
        for name, end, color in (
            ("this layout", self.schedule.makespan, _PATH),
            ("longest chain of needs, no stacks", self.first.bound.makespan, _OTHER),
            ("the same in four stacks", self.first.plain.makespan, _OTHER),
        ):
            yield from self._row(name, 0.0, end, color)
            self.y += _ROW

    def _heading(self, text: str) -> Iterator[str]:
        self.y += _ROW
        yield _text(16, self.y + 6, text, size=13)
        self.y += _ROW

    def _row(
        self, label: str, start: float, end: float, color: str, indent: int = 0
    ) -> Iterator[str]:
        yield _text(16 + 12 * indent, self.y + 13, _short(label))
        yield self._bar(start, end, color)
        yield _text(self._x(end) + 6, self.y + 13, clock(end), fill=_OTHER)

    def _bar(self, start: float, end: float, color: str, inset: int = 0) -> str:
        left, right = self._x(start), self._x(end)
        return (
            f'<rect x="{left:.1f}" y="{self.y + 3 + inset}" width="{max(1.5, right - left):.1f}" '
            f'height="{_ROW - 6 - 2 * inset}" fill="{color}"/>'
        )

    def _x(self, seconds: float) -> float:
        return _LEFT + seconds * _WIDTH / self.longest


def _short(label: str) -> str:
    """Return a label that fits in front of the bars: an address from its end."""
    return label if len(label) <= 34 else f"…{label[-33:]}"


def _text(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", fill: str = _TEXT
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">'
        f"{escape(text)}</text>"
    )
