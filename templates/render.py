"""Rendering: a system's description to the bytes of its templates."""

from description.model import System
from templates import parent
from templates.written import written


def render(system: System) -> dict[str, bytes]:
    """Return the templates of ``system`` by file name, the parent first.

    Nested stacks name their template by its file name, so that tools find it beside the parent's.
    The same description gives the same bytes.
    """
    return {
        template.file_name: written(template.to_dict())
        for template in parent.build(system).family()
    }
