"""Templates as they are written to files and to S3."""

from typing import Any

from pydantic_core import to_json

FOR_READERS = 250_000
"""Bytes of a template that people may want to read; a larger one is written without indentation,
which is two fifths of it, and CloudFormation takes no more than 1 MB."""


def written(template: dict[str, Any]) -> bytes:
    """Return a template as JSON. The same template gives the same bytes.

    Other letters than ASCII's are escaped: CloudFormation takes them as they are, but gives back a
    question mark for each (aws-cloudformation/cloudformation-coverage-roadmap, issue 1220), and a
    deployed template is what the next one is compared with.
    """
    body = to_json(template, indent=1, ensure_ascii=True)
    if len(body) > FOR_READERS:
        body = to_json(template, ensure_ascii=True)
    return body + b"\n"
