"""What a build says: a line for every template, then a line for every finding."""

from collections import Counter
from collections.abc import Iterator

from checks.build import Build
from checks.columns import columns


def lines(build: Build) -> Iterator[str]:
    """Yield the report on ``build``, in columns."""
    count = Counter(finding.file for finding in build.findings)
    table = [("template", "resources", "bytes", "findings")]
    for system in build.systems:
        for name, body in system.files.items():
            file = system.file(name)
            resources = len(system.templates[name].get("Resources", {}))
            table.append((file, str(resources), f"{len(body):,}", str(count.pop(file, 0))))
    yield from columns(table, right=(1, 2, 3))
    if build.findings:
        yield ""
        rows = [(one.rule, one.file, one.path, one.message) for one in build.findings]
        yield from columns(rows)
