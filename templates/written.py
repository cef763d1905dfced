"""Templates as they are written to files and to S3."""

import json
from typing import Any

FOR_READERS = 250_000
"""Bytes of a template that people may want to read; a larger one is written without indentation,
which is two fifths of it, and CloudFormation takes no more than 1 MB."""


def written(template: dict[str, Any]) -> bytes:
    """Return a template as JSON. The same template gives the same bytes."""
    body = json.dumps(template, indent=1)
    if len(body) > FOR_READERS:
        body = json.dumps(template, separators=(",", ":"))
    return body.encode() + b"\n"
