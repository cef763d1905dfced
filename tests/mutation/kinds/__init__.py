"""The kinds of defects: each is a function from a place to the defects that are possible there.

None knows what the checks look for. They know CloudFormation: its template language, its resource
schemas and the language of policies.
"""

from collections.abc import Iterator

from tests.mutation.kinds import nesting, network, policies, references, structure, values
from tests.mutation.mutant import Mutant, Subject, edited
from tests.mutation.sites import sites

PLANTERS = (
    *structure.PLANTERS,
    *values.PLANTERS,
    *references.PLANTERS,
    *policies.PLANTERS,
    *network.PLANTERS,
    *nesting.PLANTERS,
)


def mutants(subject: Subject) -> Iterator[Mutant]:
    """Yield every defect that can be planted in ``subject``."""
    for site in sites(subject):
        for plant in PLANTERS:
            yield from (one for one in plant(site) if _changes(subject, one))


def _changes(subject: Subject, mutant: Mutant) -> bool:
    """Return whether anything is different from what was there."""
    before = after = subject.templates[mutant.file]
    for path, value in mutant.edits:
        after = edited(after, path, value)
    return after != before
