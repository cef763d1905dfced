import threading

import pytest

from localaws import emulator
from tests.localaws.stacks import Stacks, Template, child, output, template

PARAMETER = {"Type": "String"}
ROOT = "AWS::CloudFormation::Stack"


def network(cidr: str = "10.0.0.0/16") -> Template:
    return template(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": cidr.replace("/16", "/24")},
            },
        },
        Outputs={"VpcId": output({"Ref": "Vpc"}), "Subnets": output({"Ref": "Subnet"})},
    )


def services(group: str = "tasks", description: str = "tasks") -> Template:
    return template(
        {
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupName": group,
                    "GroupDescription": description,
                    "VpcId": {"Ref": "VpcId"},
                },
            },
        },
        Parameters={"VpcId": PARAMETER, "Subnets": {"Type": "CommaDelimitedList"}},
        Outputs={
            "GroupId": output({"Fn::GetAtt": ["Group", "GroupId"]}),
            "FirstSubnet": output({"Fn::Select": [0, {"Ref": "Subnets"}]}),
        },
    )


def broken() -> Template:
    """A template whose resource is refused when it is created."""
    properties = {"DestinationCidrBlock": "0.0.0.0/0", "RouteTableId": "rtb-1", "InstanceId": "i"}
    return template({"Route": {"Type": "AWS::EC2::Route", "Properties": properties}})


def parent(stacks: Stacks, services_template: Template | None = None) -> Template:
    return template(
        {
            "Network": child(stacks.publish("network.json", network())),
            "Services": child(
                stacks.publish("services.json", services_template or services()),
                {
                    "VpcId": {"Fn::GetAtt": ["Network", "Outputs.VpcId"]},
                    "Subnets": {"Fn::GetAtt": ["Network", "Outputs.Subnets"]},
                },
            ),
        },
        Outputs={"GroupId": output({"Fn::GetAtt": ["Services", "Outputs.GroupId"]})},
    )


def test_outputs_of_one_child_become_parameters_of_the_next(stacks: Stacks) -> None:
    root = stacks.create(parent(stacks))
    assert root["StackStatus"] == "CREATE_COMPLETE"
    group = stacks.session.client("ec2").describe_security_groups(
        GroupIds=[stacks.outputs()["GroupId"]]
    )["SecurityGroups"][0]
    assert group["VpcId"] == stacks.physical_id("Network/Vpc")
    child_id = stacks.physical_id("Services")
    assert stacks.outputs(child_id)["FirstSubnet"] == stacks.physical_id("Network/Subnet")


def test_a_child_knows_its_parent_and_its_root(stacks: Stacks) -> None:
    leaf = stacks.publish("network.json", network())
    middle = stacks.publish("middle.json", template({"Network": child(leaf)}))
    root = stacks.create(template({"Middle": child(middle)}))
    middle_stack = stacks.describe(stacks.physical_id("Middle"))
    leaf_stack = stacks.describe(stacks.physical_id("Middle/Network"))
    assert "ParentId" not in root
    assert (middle_stack["ParentId"], middle_stack["RootId"]) == (root["StackId"],) * 2
    assert leaf_stack["ParentId"] == middle_stack["StackId"]
    assert leaf_stack["RootId"] == root["StackId"]
    assert leaf_stack["StackName"].startswith(middle_stack["StackName"] + "-Network-")


def test_a_failed_child_takes_the_whole_nest_back(stacks: Stacks) -> None:
    body = parent(stacks)
    body["Resources"]["Broken"] = child(
        stacks.publish("broken.json", broken()), DependsOn=["Services"]
    )
    root = stacks.create(body)
    assert root["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.alive() == ["root"]
    vpcs = stacks.session.client("ec2").describe_vpcs(
        Filters=[{"Name": "is-default", "Values": ["false"]}]
    )
    assert vpcs["Vpcs"] == []


def test_a_failure_leads_from_the_parents_event_to_the_childs_reason(stacks: Stacks) -> None:
    root = stacks.create(template({"Broken": child(stacks.publish("b.json", broken()))}))
    failed = [e for e in stacks.events() if e["ResourceStatus"] == "CREATE_FAILED"]
    assert [event["LogicalResourceId"] for event in failed] == ["Broken"]
    child_id = failed[0]["PhysicalResourceId"]
    assert (
        f"Embedded stack {child_id} was not successfully created"
        in (failed[0]["ResourceStatusReason"])
    )
    assert "failed to create: [Route]" in failed[0]["ResourceStatusReason"]
    assert "does not keep AWS::EC2::Route InstanceId" in stacks.failures(child_id)["Route"]
    assert root["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_failed_update_brings_the_old_values_of_every_child_back(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    group_id = stacks.outputs()["GroupId"]
    body = parent(stacks)
    new = stacks.publish("services-2.json", services(group="renamed"))
    body["Resources"]["Services"]["Properties"]["TemplateURL"] = new
    body["Resources"]["Broken"] = child(
        stacks.publish("broken.json", broken()), DependsOn=["Services"]
    )
    root = stacks.update(body)
    assert root["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert len(stacks.alive()) == 3
    groups = stacks.session.client("ec2").describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [stacks.physical_id("Network/Vpc")]}]
    )["SecurityGroups"]
    names = {group["GroupName"] for group in groups}
    assert names == {"default", "tasks"}
    assert stacks.outputs()["GroupId"] in {group["GroupId"] for group in groups}
    assert group_id


def test_a_failed_update_inside_a_child_rolls_child_and_parent_back(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    before = stacks.outputs()
    worse = services(group="renamed")
    worse["Resources"]["Route"] = {**broken()["Resources"]["Route"], "DependsOn": "Group"}
    body = parent(stacks)
    body["Resources"]["Services"]["Properties"]["TemplateURL"] = stacks.publish("w.json", worse)
    root = stacks.update(body)
    assert root["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    child_id = stacks.physical_id("Services")
    assert stacks.describe(child_id)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.outputs() == before
    group = stacks.session.client("ec2").describe_security_groups(GroupIds=[before["GroupId"]])
    assert group["SecurityGroups"][0]["GroupName"] == "tasks"
    assert "failed to create: [Route]" in stacks.failures()["Services"]


def test_deleting_the_root_deletes_every_child(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    children = [stacks.physical_id(name) for name in ("Network", "Services")]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.alive() == []
    assert {stacks.describe(c)["StackStatus"] for c in children} == {"DELETE_COMPLETE"}


def test_a_removed_child_is_deleted(stacks: Stacks) -> None:
    body = parent(stacks)
    stacks.create(body)
    del body["Resources"]["Services"], body["Outputs"]
    assert stacks.update(body)["StackStatus"] == "UPDATE_COMPLETE"
    assert len(stacks.alive()) == 2


def test_disabled_rollback_keeps_the_failed_child_for_inspection(stacks: Stacks) -> None:
    body = template({"Broken": child(stacks.publish("b.json", broken()))})
    assert stacks.create(body, DisableRollback=True)["StackStatus"] == "CREATE_FAILED"
    assert stacks.describe(stacks.physical_id("Broken"))["StackStatus"] == "CREATE_FAILED"
    stacks.delete()
    assert stacks.alive() == []


def test_tags_of_the_root_reach_the_resources_of_the_children(stacks: Stacks) -> None:
    tag = {"Key": "team", "Value": "payments"}
    stacks.create(parent(stacks), Tags=[tag])
    vpc_id = stacks.physical_id("Network/Vpc")
    ec2 = stacks.session.client("ec2")
    assert tag in ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["Tags"]
    changed = {"Key": "team", "Value": "ledger"}
    assert stacks.update(parent(stacks), Tags=[changed])["StackStatus"] == "UPDATE_COMPLETE"
    assert changed in ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["Tags"]


def test_only_what_changes_leaves_an_event(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    network_id, seen = stacks.physical_id("Network"), len(stacks.events())
    body = parent(stacks)
    body["Resources"]["Services"]["Properties"]["TemplateURL"] = stacks.publish(
        "services-2.json", services(group="renamed")
    )
    network_events = len(stacks.events(network_id))
    stacks.update(body)
    assert len(stacks.events(network_id)) == network_events
    touched = [event["LogicalResourceId"] for event in stacks.events()[seen:]]
    assert touched == ["root", "Network", "Network", "Services", "Services", "root", "root"]


def test_old_resources_go_when_the_whole_nest_has_succeeded(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    seen = len(stacks.events())
    body = parent(stacks)
    body["Resources"]["Services"]["Properties"]["TemplateURL"] = stacks.publish(
        "services-2.json", services(group="renamed")
    )
    stacks.update(body)
    of_root = [e["ResourceStatus"] for e in stacks.events()[seen:] if e["ResourceType"] == ROOT]
    groups = stacks.session.client("ec2").describe_security_groups()["SecurityGroups"]
    assert "renamed" in {group["GroupName"] for group in groups}
    assert "tasks" not in {group["GroupName"] for group in groups}
    assert of_root[-2:] == ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_a_nested_stack_that_could_not_be_deleted_is_when_the_cause_is_gone(stacks: Stacks) -> None:
    bucket = template({"Logs": {"Type": "AWS::S3::Bucket"}})
    middle = template({"Inner": child(stacks.publish("inner.json", bucket))})
    stacks.create(template({"Middle": child(stacks.publish("middle.json", middle))}))
    s3, name = stacks.session.client("s3"), stacks.physical_id("Middle/Inner/Logs")
    s3.put_object(Bucket=name, Key="log", Body=b"1")
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert "was not successfully deleted" in stacks.failures()["Middle"]
    s3.delete_object(Bucket=name, Key="log")
    stack_id = stacks.describe()["StackId"]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.alive() == []
    deleted = [e for e in stacks.events(stack_id) if e["ResourceStatus"] == "DELETE_COMPLETE"]
    assert {event["LogicalResourceId"] for event in deleted} == {"Middle", "root"}


def test_a_stack_that_is_being_deleted_is_not_deleted_again(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = stacks.publish("inner", template({"Logs": {"Type": "AWS::Logs::LogGroup"}}))
    stack_id = stacks.create(template({"Inner": child(url)}))["StackId"]
    handlers, asked = emulator.resource_handlers[ROOT], threading.Event()
    delete = handlers["delete"]
    monkeypatch.setitem(handlers, "delete", lambda *of: asked.wait(20) and delete(*of))
    for _ in range(3):
        stacks.api.delete_stack(StackName=stack_id)
    asked.set()
    stacks.settled(stack_id, "DELETE_")
    begun = [e for e in stacks.events(stack_id) if e["PhysicalResourceId"] == stack_id]
    assert [e["ResourceStatus"] for e in begun].count("DELETE_IN_PROGRESS") == 1
