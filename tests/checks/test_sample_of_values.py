"""The sample of services that differ in values which cfn-lint does not compare."""

import copy
import json
from collections.abc import Callable

import pytest

from checks.linting.sample import take
from checks.rendering import Node, Rendering
from tests.both_lints import BothWays, each
from tests.systems_under_test import ROOT

SERVICES = ("card", "cards-abroad", "fees", "limits", "refunds", "risks", "tokens", "wallet")
CACHE = ROOT / ".cache" / "lint-of-defects"


def template(number: int) -> Node:
    """The template of a service; no other one has its values, and few have as many."""
    name = SERVICES[number]
    variables = [
        {"Name": f"V{'_' * 7 * nth}{number}", "Value": f"{'x' * 7 * nth}{number}"}
        for nth in range(number)
    ]
    secrets = [
        {"Name": f"S{nth}", "ValueFrom": {"Fn::Sub": f"${{Secret}}:k{number}{nth}::"}}
        for nth in range(number % 3 + 1)
    ]
    container = {
        "Name": name,
        "Image": "registry.test/image",
        "Essential": True,
        "Environment": variables,
        "Secrets": secrets,
        "HealthCheck": {"Command": ["CMD", f"/bin/{name}", "-" * 9 * number]},
        "PortMappings": [{"ContainerPort": 3000 + number, "HostPort": 3000 + number}],
    }
    statements = [
        statement(f"Send{nth}To{number}", "sqs:SendMessage", f"{name}-{nth}-${{EnvironmentSuffix}}")
        for nth in range(number % 4)
    ]
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    }
    statements.append(statement("Write", "dynamodb:PutItem", f"table/of-{number}"))
    ingress = {"IpProtocol": "tcp", "FromPort": 3000 + number, "ToPort": 3000 + number}
    return {
        "Parameters": {
            "Secret": {"Type": "String"},
            "Vpc": {"Type": "String"},
            "EnvironmentSuffix": {"Type": "String"},
        },
        "Resources": {
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "Tasks", "VpcId": {"Ref": "Vpc"}},
            },
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "Family": name,
                    "NetworkMode": "awsvpc",
                    "ContainerDefinitions": [container],
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                    "Policies": [
                        {
                            "PolicyName": "All",
                            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                        }
                    ],
                },
            },
            "Ingress": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {"GroupId": {"Ref": "Group"}, "CidrIp": "10.0.0.0/8", **ingress},
            },
        },
    }


def statement(sid: str, action: str, resource: str) -> Node:
    arn = f"arn:${{AWS::Partition}}:{action.partition(':')[0]}:${{AWS::Region}}:${{AWS::AccountId}}"
    resources = [{"Fn::Sub": f"{arn}:{resource}"}]
    return {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": resources}


def statements(template: Node) -> list[Node]:
    role = template["Resources"]["Role"]["Properties"]
    found: list[Node] = role["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def container(template: Node) -> Node:
    found: Node = template["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]
    return found


def system(change: Callable[[Node], object] | None = None, of: str = "tokens") -> Rendering:
    """A system of these services, one of which, that is in no sample otherwise, is changed."""
    files = {}
    for number, name in enumerate(SERVICES):
        it = template(number)
        if change and of in (name, "every" if number else ""):
            change(it)
        files[f"service-{name}.json"] = json.dumps(it).encode()
    return Rendering("shop", files, names=SERVICES)


def test_services_that_differ_in_values_only_are_alike() -> None:
    sampled = {name for _, name in take([system()]).templates}
    assert len(sampled) < len(SERVICES)
    assert "service-tokens.json" not in sampled


def twice(it: Node) -> None:
    container(it)["Environment"] *= 2


def one_name_twice(it: Node) -> None:
    first = container(it)["Environment"][0]
    container(it)["Environment"].append({"Name": first["Name"], "Value": "another"})


def no_value(it: Node) -> None:
    container(it)["Environment"].append({"Name": "V_A", "Valeu": "1"})


def number_as_value(it: Node) -> None:
    container(it)["Environment"].append({"Name": "V_A", "Value": [1]})


def function_in_a_text(it: Node) -> None:
    container(it)["Environment"].append({"Name": "V_A", "Value": "a-${AWS::Region}"})


def unknown_parameter(it: Node) -> None:
    container(it)["Environment"].append({"Name": "V_A", "Value": {"Ref": "Nobody"}})


def unknown_secret(it: Node) -> None:
    container(it)["Secrets"].append({"Name": "V_A", "ValueFrom": {"Fn::Sub": "${Nobody}:key::"}})


def pseudo_parameter(it: Node) -> None:
    container(it)["HealthCheck"]["Command"].append("AWS::Region")


def another_host_port(it: Node) -> None:
    container(it)["PortMappings"][0]["HostPort"] = 3003


def all_ports_at_one_end(it: Node) -> None:
    it["Resources"]["Ingress"]["Properties"]["ToPort"] = -1


def below_all_ports(it: Node) -> None:
    it["Resources"]["Ingress"]["Properties"] |= {"FromPort": -2, "ToPort": -2}


def outside_the_vpc(it: Node) -> None:
    del it["Resources"]["Group"]["Properties"]["VpcId"]
    it["Resources"]["Group"]["Properties"]["Tags"] = [{"Key": "Vpc", "Value": {"Ref": "Vpc"}}]


def sid_that_is_none(it: Node) -> None:
    statements(it)[0]["Sid"] = "Send-it"


def one_sid_twice(it: Node) -> None:
    statements(it).append(statement(statements(it)[0]["Sid"], "sqs:DeleteMessage", "a-queue"))


def unknown_action(it: Node) -> None:
    statements(it)[0]["Action"] = ["sqs:SendMesage"]


def resource_that_is_none(it: Node) -> None:
    statements(it)[0]["Resource"] = ["orders"]


def no_effect(it: Node) -> None:
    del statements(it)[0]["Effect"]


def suffix_of_nobody(it: Node) -> None:
    (resource,) = statements(it)[0]["Resource"]
    resource["Fn::Sub"] = resource["Fn::Sub"].replace("EnvironmentSuffix", "Suffix")


def two_families_of_one_name(it: Node) -> None:
    it["Resources"]["Again"] = copy.deepcopy(it["Resources"]["Task"])
    it["Resources"]["Again"]["Properties"]["ContainerDefinitions"][0]["Nmae"] = "x"


def one_name_twice_beside_functions(it: Node) -> None:
    """One of them is there only under a condition."""
    one = {"Name": "V_A", "Value": "1"}
    it["Conditions"] = {"Kept": {"Fn::Equals": [{"Ref": "Secret"}, "x"]}}
    branch = {"Fn::If": ["Kept", one, {"Ref": "AWS::NoValue"}]}
    container(it)["Environment"] += [branch, one]


def port_that_is_chosen_by_the_host(it: Node) -> None:
    """Of one service, what the load balancer reaches: its check needs a port that is known."""
    properties = it["Resources"]["Task"]["Properties"]
    properties["NetworkMode"] = "bridge"
    container(it)["PortMappings"] = [{"ContainerPort": 80, "HostPort": 0}]
    it["Resources"]["Target"] = {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "Port": 80,
            "Protocol": "HTTP",
            "VpcId": {"Ref": "Vpc"},
            "HealthCheckPort": 80,
        },
    }
    balancer = {"ContainerName": "main", "ContainerPort": 80, "TargetGroupArn": {"Ref": "Target"}}
    it["Resources"]["Service"] = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "LaunchType": "EC2",
            "TaskDefinition": {"Ref": "Task"},
            "LoadBalancers": [balancer],
        },
    }
    if container(it)["Name"] in ("tokens", "cards-abroad"):
        container(it)["Name"] = "main"


DEFECTS = (
    twice,
    one_name_twice,
    no_value,
    number_as_value,
    function_in_a_text,
    unknown_parameter,
    unknown_secret,
    pseudo_parameter,
    another_host_port,
    all_ports_at_one_end,
    below_all_ports,
    outside_the_vpc,
    sid_that_is_none,
    one_sid_twice,
    unknown_action,
    resource_that_is_none,
    no_effect,
    suffix_of_nobody,
    two_families_of_one_name,
    one_name_twice_beside_functions,
    port_that_is_chosen_by_the_host,
)


@pytest.fixture(scope="module")
def found() -> dict[str, BothWays]:
    systems = {"nothing": system()}
    for defect in DEFECTS:
        systems[f"{defect.__name__} in one"] = system(defect)
        systems[f"{defect.__name__} in all"] = system(defect, "every")
    return each(systems, CACHE)


@pytest.mark.parametrize("defect", [one.__name__ for one in DEFECTS])
@pytest.mark.parametrize("where", ["one", "all"])
def test_the_sample_loses_no_finding(found: dict[str, BothWays], defect: str, where: str) -> None:
    full, shortcut = found[f"{defect} in {where}"]
    assert shortcut == full
    assert len(full) > len(found["nothing"][0]), "no defect at all"


@pytest.mark.parametrize("name", ["n", "b", "e9", "u0000", "number", "name-0", "id", "t"])
def test_a_service_may_have_any_name(name: str) -> None:
    it = template(1)
    it["Resources"]["Role"]["Properties"]["Description"] = f"{{\n\u00e9\u0000 of {name}"
    container(it)["Environment"].append({"Name": "A", "Value": f"{{\n\u00e9 {name}"})
    container(it)["Secrets"].append(
        {"Name": "A", "ValueFrom": {"Fn::Sub": ["${S}:k::", {"S": "x"}]}}
    )
    body = json.dumps(it).encode()
    files = {f"service-{one}.json": body for one in ("card", name)}
    assert len(take([Rendering("shop", files, names=("card", name))]).templates) == 1
