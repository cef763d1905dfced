import io

from rich.console import Console

from delivery import review
from delivery.changes import Change

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
CHANGES = (
    Change((), "Services", "AWS::CloudFormation::Stack", "Modify", "no"),
    Change(("Services", "Api"), "TaskDefinition", "AWS::ECS::TaskDefinition", "Modify", "yes"),
    Change(
        ("Services", "Api"),
        "Target",
        TARGET,
        "Modify",
        "maybe",
    ),
    Change(("Services",), "Old", "AWS::CloudFormation::Stack", "Remove", "no"),
    Change(("Data",), "Key", "AWS::KMS::Key", "Add", "no"),
)


def shown(width: int, *, terminal: bool) -> list[str]:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False
    )
    review.show(console, "tiny-dev", CHANGES)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_row_says_where_what_and_how_sorted_by_path() -> None:
    assert review.rows("tiny-dev", CHANGES) == [
        ("tiny-dev", "Services", "AWS::CloudFormation::Stack", "Modify", "no"),
        ("tiny-dev/Data", "Key", "AWS::KMS::Key", "Add", "no"),
        ("tiny-dev/Services", "Old", "AWS::CloudFormation::Stack", "Remove", "no"),
        ("tiny-dev/Services/Api", "Target", TARGET, "Modify", "maybe"),
        ("tiny-dev/Services/Api", "TaskDefinition", "AWS::ECS::TaskDefinition", "Modify", "yes"),
    ]  # fmt: skip


def test_the_summary_counts() -> None:
    expected = "1 to add, 3 to modify, 1 to remove, 1 replaced, 1 perhaps replaced"
    assert review.summary(CHANGES) == expected


def test_a_log_has_one_plain_line_for_each_change_however_long() -> None:
    lines = shown(20, terminal=False)
    assert lines[0].split() == ["Stack", "Logical", "ID", "Type", "Action", "Replacement"]
    assert lines[5].split() == [
        "tiny-dev/Services/Api", "TaskDefinition", "AWS::ECS::TaskDefinition", "Modify", "yes",
    ]  # fmt: skip
    assert len(lines) == 1 + len(CHANGES) + 1


def test_a_wide_terminal_has_a_table_that_names_each_stack_once() -> None:
    lines = shown(140, terminal=True)
    assert [line.startswith("tiny-dev/Services/Api ") for line in lines].count(True) == 1
    assert any(
        line.split() == ["TaskDefinition", "AWS::ECS::TaskDefinition", "Modify", "yes"]
        for line in lines
    )


def test_a_narrow_terminal_has_a_list_by_stack() -> None:
    lines = shown(80, terminal=True)
    assert "tiny-dev/Services/Api" in lines
    assert "  Modify  TaskDefinition  AWS::ECS::TaskDefinition  replacement: yes" in lines
    assert "  Remove  Old  AWS::CloudFormation::Stack" in lines
