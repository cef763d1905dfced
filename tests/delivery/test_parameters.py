from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from delivery.errors import InputError
from delivery.parameters import assignments, image_digests, load, merge
from delivery.stacks import Stack
from tests.delivery.samples import DIGEST

SERVICES = ("api-gateway", "fraud-detector")


def deployed(status: str = "CREATE_COMPLETE", **parameters: str) -> Stack:
    return Stack("s", "id", status, datetime.now(UTC), parameters=parameters)


def declaring(*names: str) -> dict[str, Any]:
    return {"Parameters": {name: {"Type": "String"} for name in names}}


def test_what_is_given_is_sent_and_what_is_deployed_is_kept() -> None:
    assert merge(declaring("A", "B", "C"), {"A": "1"}, deployed(A="0", B="0")) == {
        "A": "1",
        "B": None,
    }


def test_a_parameter_that_the_template_has_lost_is_not_sent() -> None:
    assert merge(declaring("A"), {}, deployed(A="0", Gone="0")) == {"A": None}


def test_a_stack_under_review_has_no_values_to_keep() -> None:
    assert merge(declaring("A"), {}, deployed("REVIEW_IN_PROGRESS", A="0")) == {}


def test_an_unknown_parameter_comes_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="Did you mean LogRetentionDays"):
        merge(declaring("LogRetentionDays", "Zones"), {"LogRetentionDay": "7"}, None)


@pytest.mark.parametrize("image", [DIGEST, f"repo@{DIGEST}", f"1.dkr.ecr/team/api:v1@{DIGEST}"])
def test_an_image_is_taken_by_its_digest(image: str) -> None:
    assert image_digests({"api-gateway": image}, SERVICES) == {"api-gateway": DIGEST}


@pytest.mark.parametrize(
    "image", ["latest", "repo:latest", DIGEST[:-1], DIGEST + "0", DIGEST.upper(), ""]
)
def test_an_image_without_a_digest_is_refused(image: str) -> None:
    with pytest.raises(InputError, match="not pinned by digest"):
        image_digests({"api-gateway": image}, SERVICES)


def test_an_image_for_a_service_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"no service fraud-detect\. Did you mean fraud-detector\?"
    ):
        image_digests({"fraud-detect": DIGEST}, SERVICES)


def test_an_assignment_keeps_what_follows_the_first_equals_sign() -> None:
    assert assignments("--tag", ["a=b=c", "d="]) == {"a": "b=c", "d": ""}


@pytest.mark.parametrize("text", ["a", "=b"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not KEY=VALUE"):
        assignments("--tag", [text])


def test_a_parameter_file_has_parameters_and_tags(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"Parameters": {"A": "1"}, "Tags": {"Team": "core"}}')
    read = load(path, [])
    assert (read.parameters, read.tags) == ({"A": "1"}, {"Team": "core"})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "p.json is not JSON"),
        ("[]", 'p.json must be an object with "Parameters"'),
        ('{"Parameter": {}, "Parameters": {}}', "p.json: Parameter is unknown"),
        ('{"Parameters": {}, "Tags": []}', "p.json: Tags must be an object"),
        ('{"Parameters": {"Days": 30}}', "p.json: Parameters/Days must be a string"),
        ('{"Parameters": {"A": "1", "A": "2"}}', "p.json: A is given more than once"),
    ],
)
def test_a_malformed_parameter_file_is_told(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(InputError, match=told):
        load(path, [])


def test_a_missing_parameter_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json cannot be read: No such file .* Write it"):
        load(tmp_path / "none.json", [])
