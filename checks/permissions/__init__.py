"""Permissions: who may do what, decided by evaluating the policies, compared with what is needed.

What is needed follows from the declared resources and the description, never from the policies:
what ECS calls to start a task, what CloudWatch Logs does with a key, what a service's code is
described to do. Every need must be allowed and everything else denied. What the evaluator does not
know it refuses, E9600.
"""

from checks.permissions.check import check

__all__ = ["check"]
