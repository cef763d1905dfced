"""What troposphere and awacs make is written as they would write it."""

import json

import pytest
from awacs.aws import Allow, PolicyDocument, Statement
from awacs.sts import AssumeRole
from troposphere import Output, Parameter, Template, ec2

from templates import parent
from templates.edges import StackTemplate
from templates.plain import plain
from tests.systems_under_test import SYSTEMS, described


@pytest.mark.parametrize("name", SYSTEMS)
def test_templates_say_what_troposphere_makes_of_them_in_its_order(name: str) -> None:
    family = parent.build(described(name)).family()
    assert len(family) > len(described(name).services)
    for template in family:
        assert json.dumps(template.to_dict()) == json.dumps(Template.to_dict(template))


def test_a_resource_without_properties_says_none() -> None:
    assert plain(ec2.InternetGateway("Gateway")) == {"Type": "AWS::EC2::InternetGateway"}
    gateway = ec2.InternetGateway("Gateway", DependsOn="Vpc")
    assert plain(gateway) == {"Type": "AWS::EC2::InternetGateway", "DependsOn": "Vpc"}


def test_what_is_required_has_to_be_there() -> None:
    with pytest.raises(ValueError, match="VpcId has no Value: it is required"):
        plain({"Outputs": [Output("VpcId", Description="VPC")]})
    rule = ec2.SecurityGroupRule(CidrIp="10.0.0.0/8")
    group = ec2.SecurityGroup("Group", GroupDescription="Group", SecurityGroupIngress=[rule])
    with pytest.raises(ValueError, match="SecurityGroupRule has no IpProtocol"):
        plain(group)


def test_what_troposphere_looks_at_last_is_looked_at() -> None:
    with pytest.raises(ValueError, match="default type mismatch"):
        plain(Parameter("Count", Type="Number", Default="many"))


def test_a_policy_has_all_that_it_must_have() -> None:
    statement = Statement(Sid="Any", Effect=Allow, Action=[AssumeRole], Resource=["*"])
    assert plain(PolicyDocument(Statement=[statement])) == {
        "Statement": [
            {"Sid": "Any", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": ["*"]}
        ]
    }
    with pytest.raises(ValueError, match="Effect"):
        plain(Statement(Action=[AssumeRole]))


def test_what_no_template_has_is_refused() -> None:
    t = StackTemplate("parent", "A parent")
    t.set_metadata({"Of": {"a set"}})
    with pytest.raises(TypeError, match="set cannot be part of a template"):
        t.to_dict()
    with pytest.raises(TypeError, match="NoneType"):
        plain([None])
