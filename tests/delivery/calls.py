"""Counts the calls to AWS that go out of a session, before botocore repeats any."""

from collections import Counter
from typing import Any

import boto3


class Calls(Counter[str]):
    """How often each operation was called, as ``cloudformation GetTemplate``."""

    def of(self, session: boto3.Session) -> None:
        """Count also the calls of a session that has made no client yet."""
        session.events.register("before-call", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self[f"{model.service_model.service_name} {model.name}"] += 1
