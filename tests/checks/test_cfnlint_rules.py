"""Our rules in plain cfn-lint: its command line, in another folder, on any template."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks import own
from checks.rendering import Node
from tests.systems_under_test import ROOT, rendered

RULES = ROOT / "checks" / "cfnlint"
FOREIGN = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Api:
    Type: AWS::ECS::Service
    Properties:
      Cluster: production
      LaunchType: FARGATE
      DesiredCount: 2
      TaskDefinition: !Ref Definition
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets: [subnet-0123456789abcdef0]
      LoadBalancers:
        - ContainerName: app
          ContainerPort: 8081
          TargetGroupArn: !Ref Targets
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: "256"
      Memory: "512"
      ContainerDefinitions:
        - Name: app
          Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:latest"
          PortMappings:
            - ContainerPort: 8080
          Environment:
            - Name: DB_PASSWORD
              Value: to-be-replaced
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Protocol: HTTP
      Port: 80
      VpcId: vpc-0123456789abcdef0
"""


OURS = ("network.json", "service-api-gateway.json")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Node]:
    """What cfn-lint's command line finds, run in a folder of templates."""
    folder = tmp_path_factory.mktemp("templates")
    (folder / "foreign.yaml").write_text(FOREIGN)
    for name in OURS:
        (folder / name).write_bytes(rendered("gateway").files[name])
    program = Path(sys.executable).with_name("cfn-lint")
    ran = subprocess.run(  # noqa: S603 - our own command
        [program, "--append-rules", RULES, "--format", "json", "--", "foreign.yaml", *OURS],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    matches: list[Node] = json.loads(ran.stdout)
    return matches


def test_plain_cfn_lint_finds_what_our_rules_find_in_a_template_in_yaml(found: list[Node]) -> None:
    ours = [one for one in found if one["Rule"]["Id"].startswith("E91")]

    assert {one["Rule"]["Id"] for one in ours} == {
        "E9141",
        "E9142",
        "E9144",
        "E9147",
        "E9151",
        "E9152",
        "E9155",
        "E9165",
    }
    lines = FOREIGN.splitlines()
    for one in ours:
        line = lines[one["Location"]["Start"]["LineNumber"] - 1]
        named = [str(step) for step in one["Location"]["Path"] if isinstance(step, str)]
        assert line.strip(" -").partition(":")[0] in named, one


def test_plain_cfn_lint_finds_nothing_in_our_templates(found: list[Node]) -> None:
    assert {one["Filename"] for one in found} == {"foreign.yaml"}


def test_plain_cfn_lint_gets_each_of_our_rules_and_needs_nothing_else_installed() -> None:
    program = f"""
import runpy, sys
made = runpy.run_path({str(RULES / "own_rules.py")!r})
print(*sorted(one.id for one in made.values() if getattr(one, "id", "")))
print(*sorted({{"pydantic", "troposphere", "boto3"}} & set(sys.modules)))
"""
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    ids, others = ran.stdout.splitlines()
    assert ids.split() == sorted(rule.id for rule in own.RULES)
    assert others == ""


def test_the_page_about_checks_shows_what_cfn_lint_says(found: list[Node]) -> None:
    page = (ROOT / "docs" / "checks.md").read_text()
    said = set()
    for one in found:
        start = one["Location"]["Start"]
        place = f"{start['LineNumber']}:{start['ColumnNumber']}"
        said.add(f"{one['Rule']['Id']} {one['Message']}\napi.yaml:{place}")

    assert set(re.findall(r"^E91.*\napi.yaml.*$", page, re.MULTILINE)) == said
