"""The controls, by requirement of PCI DSS v4.0.1.

Source of the requirements: Payment Card Industry Data Security Standard, v4.0.1, June 2024.
"""

from typing import Final

from checks.evidence.control import Control
from checks.evidence.controls import access, data, network, records, tasks


def _place(control: Control) -> list[int]:
    return [int(number) for number in control.requirement.split(".")]


CONTROLS: Final[tuple[Control, ...]] = tuple(
    sorted(
        (
            *network.CONTROLS,
            *tasks.CONTROLS,
            *data.CONTROLS,
            *access.CONTROLS,
            *records.CONTROLS,
        ),
        key=_place,
    )
)
"""All controls, in order of the requirements."""
