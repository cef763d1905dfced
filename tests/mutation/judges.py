"""Who may notice a mutant: the build's own checks."""

from checks import parameters
from checks.contracts import PARENT
from checks.judge import judge
from tests.mutation.mutant import Planted, Subject


def checks(subject: Subject, planted: Planted) -> tuple[str, ...]:
    """Return the ids of the rules by which the build's own checks notice a mutant.

    As soon as they notice it with one parameter file, the others are not asked. A check that ends
    with an error, as the build then would, is one that notices: its error stands for the rule.
    """
    try:
        found = {
            *judge(planted, subject.description, subject.files[:1]).findings,
            *(
                finding
                for file in subject.files
                for finding in parameters.check(file, planted.templates[PARENT])
            ),
        }
        if not found:
            found = set(judge(planted, subject.description, subject.files[1:]).findings)
    except Exception as error:  # noqa: BLE001 - whatever it is, the build would not pass
        return (f"{type(error).__name__}!",)
    return tuple(sorted({one.rule for one in found}))
