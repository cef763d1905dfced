import pytest

from checks.schemas import Recreation, known, recreation, taggable

BUDGET = "AWS::Budgets::Budget"


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("AWS::EC2::VPC", ("CidrBlock",), "Always"),
        ("AWS::EC2::VPC", ("InstanceTenancy",), "Conditionally"),
        ("AWS::EC2::VPC", ("EnableDnsSupport",), "Never"),
        ("AWS::ECS::TaskDefinition", ("ContainerDefinitions", "api", "Image"), "Always"),
        (BUDGET, ("Budget", "BudgetName"), "Always"),
        (BUDGET, ("Budget",), "Conditionally"),
        (BUDGET, ("Budget", "BudgetLimit"), "Never"),
        ("AWS::CloudFormation::Stack", ("TemplateURL",), "Never"),
    ],
)
def test_a_property_replaces_if_it_or_what_it_is_in_can_only_be_set_once(
    kind: str, path: tuple[str, ...], expected: Recreation
) -> None:
    assert recreation(kind, *path) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("AWS::EC2::VPC", True),
        ("AWS::CloudFormation::Stack", True),
        ("AWS::S3::BucketPolicy", False),
        ("AWS::Route53::HostedZone", True),
        ("Custom::Thing", True),
    ],
)
def test_a_type_can_have_tags_or_not(kind: str, *, expected: bool) -> None:
    assert taggable(kind) is expected


def test_a_type_that_nobody_knows_is_told_apart() -> None:
    assert known(BUDGET)
    assert not known("Custom::Thing")
    with pytest.raises(KeyError):
        recreation("Custom::Thing", "Size")
