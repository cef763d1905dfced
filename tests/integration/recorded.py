"""What commands call, written down while they run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient

from delivery.cli import main

OURS = "payment-stacks"
"""What is in the user agent of clients that commands make, and in no other."""

_PREFIXES = {"monitoring": "cloudwatch"}
"""Names that services sign with to those that IAM has for them."""


@dataclass
class Record:
    """The calls of commands, as ``commands.NEEDS`` names them."""

    calls: set[tuple[str, str]] = field(default_factory=set)
    """Command and call."""
    _running: str = ""

    def run(self, *words: str) -> int:
        """Run a command; return its exit code."""
        self._running = words[0]
        return main(list(words))

    def heard(self, client: Any, operation: str) -> None:
        """Take note of a call."""
        if client.meta.config.user_agent_extra == OURS:
            name = client.meta.service_model.signing_name
            self.calls.add((self._running, f"{_PREFIXES.get(name, name)}:{operation}"))


@contextmanager
def recording() -> Iterator[Record]:
    """Write down what commands call."""
    record = Record()
    make_call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def listen(self: Any, operation: str, parameters: Any) -> Any:
        record.heard(self, operation)
        return make_call(self, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", listen)
        yield record
