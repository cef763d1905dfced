"""The systems into which defects are planted: the references, with each of their profiles."""

from functools import cache

from checks.build import Project
from checks.parameter_files import read_all
from tests.mutation.mutant import Subject
from tests.systems_under_test import REFERENCES, ROOT, described, rendered


@cache
def subjects() -> tuple[Subject, ...]:
    """Return what defects are planted in."""
    files = read_all(Project(ROOT).parameters, REFERENCES)
    return tuple(
        Subject(name, rendered(name), described(name), tuple(f for f in files if f.system == name))
        for name in REFERENCES
    )
