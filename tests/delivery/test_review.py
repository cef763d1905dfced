import io

from rich.console import Console

from delivery import review
from delivery.changes import Cause, Change
from delivery.policy import Policy

STACK, TARGET = "AWS::CloudFormation::Stack", "AWS::ApplicationAutoScaling::ScalableTarget"
IMAGE = Cause("ContainerDefinitions/api/Image", "yes", "x@sha256:1", "x@sha256:2", "ImageDigest")
MAXIMUM = Cause("MaxCapacity", "no", "4", None)
CHANGES = (
    Change((), "Services", STACK, "Modify", "no", causes=(Cause("TemplateURL", "no", "a", "b"),)),
    Change(
        ("Services", "Api"),
        "TaskDefinition",
        "AWS::ECS::TaskDefinition",
        "Modify",
        "yes",
        causes=(IMAGE,),
    ),
    Change(("Services", "Api"), "Target", TARGET, "Modify", "maybe", causes=(MAXIMUM,)),
    Change(("Services",), "Old", STACK, "Remove", "no"),
    Change(("Data",), "Key", "AWS::KMS::Key", "Remove", "no"),
    Change(("Data",), "Logs", "AWS::Logs::LogGroup", "Remove", "no", retained=True),
)


def shown(width: int, *, terminal: bool) -> list[str]:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False
    )
    review.show(console, "tiny-dev", CHANGES, Policy())
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_summary_counts() -> None:
    expected = "3 to modify, 3 to remove, 1 replaced, 1 perhaps replaced"
    assert review.summary(CHANGES) == expected


def test_a_log_has_plain_lines_for_each_change_and_its_causes_however_long() -> None:
    assert [line.split() for line in shown(20, terminal=False)] == [
        ["Stack", "Logical", "ID", "Type", "Action", "Replacement", "Risk"],
        ["tiny-dev", "Services", STACK, "Modify", "no", "none"],
        ["tiny-dev/Data", "Key", "AWS::KMS::Key", "Remove", "no", "data", "loss"],
        ["tiny-dev/Data", "Logs", "AWS::Logs::LogGroup", "Remove", "no", "low"],
        ["tiny-dev/Services", "Old", STACK, "Remove", "no", "none"],
        ["tiny-dev/Services/Api", "Target", TARGET, "Modify", "maybe", "low"],
        ["MaxCapacity:", "4", "→", "none"],
        [
            "tiny-dev/Services/Api", "TaskDefinition", "AWS::ECS::TaskDefinition",
            "Modify", "yes", "low",
        ],
        [
            "ContainerDefinitions/api/Image:", "x@sha256:1", "→", "x@sha256:2",
            "(replaces", "it;", "ImageDigest)",
        ],
        ["tiny-dev:", *review.summary(CHANGES).split()],
        [
            "data", "loss:", "Data/Key:",
            *Policy().risk(CHANGES[4]).reason.split(),
        ],
        ["low:", "Data/Logs:", *Policy().risk(CHANGES[5]).reason.split()],
        ["low:", "Services/Api/Target:", *Policy().risk(CHANGES[2]).reason.split()],
        ["low:", "Services/Api/TaskDefinition:", *Policy().risk(CHANGES[1]).reason.split()],
    ]  # fmt: skip


def test_a_wide_terminal_has_a_table_that_names_each_stack_once() -> None:
    lines = shown(200, terminal=True)
    assert [line.startswith("tiny-dev/Services/Api ") for line in lines].count(True) == 1
    row = next(line for line in lines if "TaskDefinition " in line)
    assert row.split()[:5] == ["TaskDefinition", "AWS::ECS::TaskDefinition", "Modify", "yes", "low"]
    assert "ContainerDefinitions/api/Image" in row


def test_a_narrow_terminal_has_a_list_by_stack() -> None:
    lines = shown(100, terminal=True)
    assert "tiny-dev/Services/Api" in lines
    at = lines.index("  Modify  TaskDefinition  AWS::ECS::TaskDefinition  replacement: yes")
    assert lines[at + 1].split()[0] == "ContainerDefinitions/api/Image:"
    assert "  Remove  Key  AWS::KMS::Key  risk: data loss" in lines


def test_a_long_value_loses_its_middle_and_stays_on_one_line() -> None:
    cause = Cause("Image", "maybe", "a" * 100 + "\n" + "b" * 100, "c")
    assert review.sentence(cause) == (f"Image: {'a' * 32}…{'b' * 32} → c (perhaps replaces it)")


def test_a_property_of_which_no_value_is_told_is_named_alone() -> None:
    assert review.sentence(Cause("Tags", "no")) == "Tags"
    assert review.sentence(Cause("Vpc", "no", None, None, "Vpc")) == "Vpc (Vpc)"


def test_risks_that_are_alike_are_told_once_with_where_they_are() -> None:
    many = tuple(Change((), f"Role{n}", "AWS::IAM::Role", "Add", "no") for n in range(5))
    ((risk, where),) = review.reasons(review.lines("tiny", many, Policy()))
    assert (risk.level, where) == ("access", [f"Role{n}" for n in range(5)])
