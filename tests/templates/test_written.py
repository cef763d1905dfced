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


def test_every_value_is_written_as_json_knows_it_and_in_order() -> None:
    values = {
        "z": "first",
        "texts": ['"quoted"', "back\\slash", "</script>", "tab\t, line\n, bell\x07", ""],
        "numbers": [0, -1, 2**53 + 1, 10**30, 0.5, -0.0, 1.0, 1e16, 1.5e300],
        "others": [True, False, {}, [], [[]], {"": {"a": {}}}],
        "a": "last",
    }
    assert written(values) == json.dumps(values, indent=1).encode() + b"\n"
    large = {**values, "large": "a" * FOR_READERS}
    assert written(large) == json.dumps(large, separators=(",", ":")).encode() + b"\n"


def test_letters_that_cloudformation_would_not_give_back_are_escaped() -> None:
    small = {"Description": "Zahlungen für Zürich, 支払い, 💶, \x7f"}
    for template in (small, {**small, "large": "a" * FOR_READERS}):
        body = written(template)
        assert body.isascii()
        assert json.loads(body) == template
