"""What ``./deploy.sh`` builds, made once in a process for as long as its files say the same.

Hundreds of tests deploy the same few systems, and each command builds the system anew.
"""

from collections.abc import Sequence

from checks.build import Build, Project, build
from checks.linting.linter import Linter
from description.files import descriptions, parameter_files

_made: dict[object, Build] = {}


def built(project: Project, names: Sequence[str]) -> Build:
    """Build the systems called ``names``, or return what they became when their descriptions and
    all parameter files were what they are now. Only the first time writes to the project's folder,
    from which no command reads.
    """
    wanted = [path for path in descriptions(project.systems) if path.stem in names]
    others = [path.name for path in descriptions(project.systems)]
    files = [*wanted, *parameter_files(project.parameters)]
    contents = [(path.name, path.read_bytes()) for path in files]
    key = (Linter.lint, *names, *others, *contents)  # tests may have replaced how it is linted
    if key not in _made:
        _made[key] = build(project, names)
    return _made[key]
