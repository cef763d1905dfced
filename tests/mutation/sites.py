"""Every place in a system's templates."""

from collections.abc import Iterator

from checks.rendering import Path
from checks.walk import nodes
from tests.mutation.areas import area
from tests.mutation.mutant import Site, Subject

SECTIONS = ("Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs")


def sites(subject: Subject) -> Iterator[Site]:
    """Yield every place: each file, each section, each resource and everything in them."""
    for file, template in subject.templates.items():
        for section in SECTIONS:
            for name, entry in template.get(section, {}).items():
                start: Path = (section, name)
                kind = str(entry.get("Type", "")) if section == "Resources" else ""
                for path, value in nodes(entry, start):
                    yield Site(subject, file, path, value, area(kind, path))
