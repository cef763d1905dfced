"""Mutants that nobody notices, with why. ``*`` and ``?`` are wildcards.

Exact both ways: a survivor that no entry explains fails, and so does an entry that covers a mutant
which is noticed (``test_mutation``, over a sample; ``python -m tests.mutation``, over all).
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from tests.mutation.mutant import Mutant


@dataclass(frozen=True)
class Survivor:
    """Mutants that nobody notices for one reason."""

    kind: str
    address: str
    """File and path: ``network.json Resources/*/Properties/Tags/0``."""
    why: str

    def covers(self, mutant: Mutant) -> bool:
        """Return whether a mutant is one of them."""
        return fnmatchcase(mutant.kind, self.kind) and fnmatchcase(mutant.address, self.address)


SURVIVORS: Final[tuple[Survivor, ...]] = ()


def explained(mutant: Mutant) -> bool:
    """Return whether it is known that nobody notices a mutant, and why."""
    return any(one.covers(mutant) for one in SURVIVORS)
