"""Templates as files."""

import json

from templates.written import FOR_READERS, written


def test_what_people_read_has_lines_and_what_is_large_has_none() -> None:
    small = {"Resources": {"A": "a"}}
    assert written(small) == b'{\n "Resources": {\n  "A": "a"\n }\n}\n'

    large = {"Resources": {"A": "a" * FOR_READERS}}
    body = written(large)
    assert body.count(b"\n") == 1
    assert b" " not in body
    assert json.loads(body) == large
