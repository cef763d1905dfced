"""Rendering: a system's description to the bytes of its templates."""

import json

from description.model import System
from templates import parent


def render(system: System) -> dict[str, bytes]:
    """Return the templates of ``system`` by file name, the parent first.

    Nested stacks name their template by its file name, so that tools find it beside the parent's.
    The same description gives the same bytes.
    """
    return {
        template.file_name: json.dumps(template.to_dict(), indent=1).encode() + b"\n"
        for template in parent.build(system).family()
    }
