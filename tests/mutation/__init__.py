"""Mutation: plants defects in rendered templates and asks who notices.

It stands with the tests because it judges checks and tests, imports both, and ships nothing that a
deployment needs; whoever adds a check of their own runs ``python -m tests.mutation`` to see what it
notices.
"""
