"""Permissions: who may do what, decided by evaluating the policies, compared with what is needed.

What is needed follows from the declared resources and the description, never from the policies:
what ECS calls to start a task, what CloudWatch Logs does with a key, what a service's code is
described to do. Every need must be allowed and everything else denied. What the evaluator does not
know it refuses, E9600.

``checks.permissions.check`` is where a check begins; the commands of this package do without it.
"""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "E9600": (
        "Something decides who may do what in a way that is not understood, or what it needs is "
        "not known."
    ),
    "E9601": "Something that is needed is not allowed: a pull, a log line, a secret, a key.",
    "E9602": "Something is allowed that nothing needs, or that only another role needs.",
    "E9603": (
        "Something is allowed to somebody else too: another account, service or source, or a "
        "value in a condition that nothing needs."
    ),
    "E9604": "A wildcard, in an action or as the resource `*`, that is not listed with a source.",
    "E9605": "An action that IAM does not know; IAM itself takes it without a word.",
    "E9606": "A role is used by nobody, or by several.",
}
"""Each id, and what it finds."""
