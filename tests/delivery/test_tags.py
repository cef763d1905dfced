from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from delivery import tags
from delivery.errors import InputError
from delivery.stacks import Stack

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def stack(**existing: str) -> Stack:
    return Stack("s", "id", "CREATE_COMPLETE", datetime(2025, 1, 2, tzinfo=UTC), tags=existing)


def compose(
    given: dict[str, str] | None = None,
    file: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    stack: Stack | None = None,
    *,
    keep: bool = False,
) -> dict[str, str]:
    return tags.compose(
        given=given or {},
        file=file or {},
        environment=environment or {},
        stack=stack,
        now=NOW,
        keep=keep,
    )


def test_a_new_stack_remembers_when_it_was_created() -> None:
    assert compose() == {"CreatedAt": "2026-11-22T06:30:00Z"}


def test_created_at_never_moves() -> None:
    assert compose(stack=stack(CreatedAt="then"))["CreatedAt"] == "then"


def test_a_stack_of_another_tool_gets_the_time_of_its_own_creation() -> None:
    assert compose(stack=stack())["CreatedAt"] == "2025-01-02T00:00:00Z"


def test_a_ci_systems_variables_become_tags() -> None:
    ci = {
        "REPOSITORY": "pay",
        "COMMIT_AUTHOR": "Ann",
        "PR_NUMBER": "7",
        "TEAM": "core",
        "HOME": "/",
    }
    assert (
        compose(environment=ci).items()
        >= {
            "Repository": "pay",
            "Author": "Ann",
            "PRNumber": "7",
            "Team": "core",
        }.items()
    )


def test_of_the_environment_only_what_becomes_a_tag_is_taken() -> None:
    variables = {"HOME": "/", "AWS_SECRET_ACCESS_KEY": "hidden", "TEAM": "core"}
    assert tags.from_environment(variables) == {"TEAM": "core"}


def test_no_other_variable_becomes_a_tag() -> None:
    assert compose(environment={"HOME": "/", "TEAM": ""}).keys() == {"CreatedAt"}


def test_an_author_with_characters_that_aws_refuses_is_made_to_fit() -> None:
    author = "O'Neil, Zoë <zoe@example.org>"
    assert compose(environment={"COMMIT_AUTHOR": author})["Author"] == "O Neil Zoë zoe@example.org"


def test_the_command_line_beats_ci_beats_the_file_beats_the_stack() -> None:
    layers = {
        "stack": stack(A="stack", B="stack", Team="stack"),
        "file": {"B": "file", "Team": "file", "Author": "file"},
        "environment": {"TEAM": "ci", "COMMIT_AUTHOR": "ci"},
        "given": {"Author": "given"},
    }
    merged = compose(**layers)  # type: ignore[arg-type]
    assert (merged["A"], merged["B"], merged["Team"], merged["Author"]) == (
        "stack",
        "file",
        "ci",
        "given",
    )


def test_a_deployed_stack_keeps_its_tags_if_that_is_wanted() -> None:
    there = stack(A="stack", **{"aws:cloudformation:stack-name": "s"})
    kept = partial(compose, file={"A": "file"}, environment={"TEAM": "ci"}, keep=True)

    assert kept(stack=there) == {"A": "stack"}
    for none in (None, replace(there, status="REVIEW_IN_PROGRESS")):
        first = kept(stack=none)
        assert (first["A"], first["Team"]) == ("file", "ci")


def test_tags_that_aws_put_there_are_not_sent_back() -> None:
    assert "aws:cloudformation:stack-name" not in compose(
        stack=stack(**{"aws:cloudformation:stack-name": "s"})
    )


@pytest.mark.parametrize(
    "bad",
    [{"aws:x": "1"}, {"AWS:x": "1"}, {"k" * 129: "1"}, {"k": "v" * 257}, {"k": "<"}, {"": "1"}],
)
def test_a_tag_that_aws_would_refuse_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(InputError):
        compose(given=bad)


def test_fifty_one_tags_are_refused() -> None:
    with pytest.raises(InputError, match="50 tags"):
        compose(given={f"k{number}": "v" for number in range(50)})


def test_a_url_with_a_token_becomes_a_tag_without_it() -> None:
    ci = {"REPOSITORY": "https://ci-token:s3cr3t@x@git.example/payments/infrastructure.git"}

    assert compose(environment=ci)["Repository"] == (
        "https://git.example/payments/infrastructure.git"
    )
