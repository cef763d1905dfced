"""The systems into which defects are planted: the references, with each of their profiles."""

from functools import cache

from checks.build import Project, is_for
from checks.parameter_files import read_all
from tests.mutation.mutant import Subject
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered


@cache
def subjects() -> tuple[Subject, ...]:
    """Return what defects are planted in."""
    files = read_all(Project(ROOT).parameters, REFERENCES)
    return tuple(
        Subject(
            name,
            rendered(name),
            described(name),
            tuple(file for file in files if is_for(file, described(name))),
        )
        for name in SYSTEMS
        if name.partition("/")[0] in REFERENCES
    )
