"""Nested change sets: what they list, what they predict, and how they end."""

from typing import Any

import pytest

from tests.localaws.stacks import Stacks, Template, child, output, template

EMPTY = "The submitted information didn't contain changes."


def network(cidr: str = "10.0.0.0/16", dns: bool = True) -> Template:
    return template(
        {
            "Vpc": {
                "Type": "AWS::EC2::VPC",
                "Properties": {"CidrBlock": cidr, "EnableDnsHostnames": dns},
            }
        },
        Outputs={"VpcId": output({"Ref": "Vpc"}), "Cidr": output(cidr)},
    )


def services(name: str = "tasks") -> Template:
    return template(
        {
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupName": name,
                    "GroupDescription": "tasks",
                    "VpcId": {"Ref": "VpcId"},
                },
            },
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
        },
        Parameters={"VpcId": {"Type": "String", "AllowedPattern": "vpc-[0-9a-f]+"}},
        Outputs={"GroupId": output({"Fn::GetAtt": ["Group", "GroupId"]})},
    )


def parent(stacks: Stacks, net: Template | None = None, tasks: Template | None = None) -> Template:
    """A parent whose children have content-hashed addresses, like published ones."""
    net, tasks = net or network(), tasks or services()
    return template(
        {
            "Network": child(stacks.publish(f"network-{hash(str(net))}.json", net)),
            "Services": child(
                stacks.publish(f"services-{hash(str(tasks))}.json", tasks),
                {"VpcId": {"Fn::GetAtt": ["Network", "Outputs.VpcId"]}},
            ),
        }
    )


def changes(stacks: Stacks, change_set: Any, prefix: str = "") -> dict[str, tuple[str, str]]:
    """Return (action, replacement) of every change, the nested ones under "Child/Resource"."""
    found: dict[str, tuple[str, str]] = {}
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        name = prefix + described["LogicalResourceId"]
        found[name] = (described["Action"], described.get("Replacement", ""))
        if "ChangeSetId" in described:
            below = stacks.api.describe_change_set(ChangeSetName=described["ChangeSetId"])
            found |= changes(stacks, below, f"{name}/")
    return found


def nested(stacks: Stacks, change_set: Any, logical_id: str) -> Any:
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        if described["LogicalResourceId"] == logical_id:
            return stacks.api.describe_change_set(ChangeSetName=described["ChangeSetId"])
    raise KeyError(logical_id)


def test_lists_everything_below_a_stack_that_does_not_exist_yet(stacks: Stacks) -> None:
    change_set = stacks.change_set(parent(stacks), "CREATE")
    assert change_set["Status"] == "CREATE_COMPLETE"
    assert changes(stacks, change_set) == {
        "Network": ("Add", ""),
        "Network/Vpc": ("Add", ""),
        "Services": ("Add", ""),
        "Services/Group": ("Add", ""),
        "Services/Logs": ("Add", ""),
    }
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_nested_change_sets_know_their_parent_and_root(stacks: Stacks) -> None:
    leaf = stacks.publish("leaf.json", network())
    middle = stacks.publish("middle.json", template({"Leaf": child(leaf)}))
    root = stacks.change_set(template({"Middle": child(middle)}), "CREATE")
    below = nested(stacks, root, "Middle")
    deepest = nested(stacks, below, "Leaf")
    assert root["IncludeNestedStacks"] is True
    assert "ParentChangeSetId" not in root
    assert below["ParentChangeSetId"] == below["RootChangeSetId"] == root["ChangeSetId"]
    assert deepest["ParentChangeSetId"] == below["ChangeSetId"]
    assert deepest["RootChangeSetId"] == root["ChangeSetId"]


def test_executes_the_whole_nest_into_the_announced_stacks(stacks: Stacks) -> None:
    change_set = stacks.change_set(parent(stacks), "CREATE")
    announced = {nested(stacks, change_set, name)["StackId"] for name in ("Network", "Services")}
    assert stacks.execute(change_set)["StackStatus"] == "CREATE_COMPLETE"
    assert {stacks.physical_id(name) for name in ("Network", "Services")} == announced
    group_id = stacks.outputs(stacks.physical_id("Services"))["GroupId"]
    found = stacks.session.client("ec2").describe_security_groups(GroupIds=[group_id])
    assert found["SecurityGroups"][0]["VpcId"] == stacks.physical_id("Network/Vpc")
    assert {s["StackStatus"] for s in stacks.api.describe_stacks()["Stacks"]} == {"CREATE_COMPLETE"}


def test_a_changed_child_shows_its_changes_and_its_ancestors_only(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks, tasks=services("renamed")))
    assert changes(stacks, change_set) == {
        "Services": ("Modify", "False"),
        "Services/Group": ("Modify", "True"),
    }
    assert stacks.execute(change_set)["StackStatus"] == "UPDATE_COMPLETE"
    group_id = stacks.outputs(stacks.physical_id("Services"))["GroupId"]
    found = stacks.session.client("ec2").describe_security_groups(GroupIds=[group_id])
    assert found["SecurityGroups"][0]["GroupName"] == "renamed"


def test_a_change_in_place_does_not_reach_the_siblings(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks, net=network(dns=False)))
    assert changes(stacks, change_set) == {
        "Network": ("Modify", "False"),
        "Network/Vpc": ("Modify", "False"),
    }


def test_a_replaced_resource_may_change_whoever_reads_its_output(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks, net=network("10.1.0.0/16")))
    assert changes(stacks, change_set) == {
        "Network": ("Modify", "False"),
        "Network/Vpc": ("Modify", "True"),
        "Services": ("Modify", "False"),
        "Services/Group": ("Modify", "Conditional"),
    }
    below = nested(stacks, change_set, "Services")["Changes"][0]["ResourceChange"]
    assert {detail["Evaluation"] for detail in below["Details"]} == {"Dynamic"}
    stacks.execute(change_set)
    group_id = stacks.outputs(stacks.physical_id("Services"))["GroupId"]
    found = stacks.session.client("ec2").describe_security_groups(GroupIds=[group_id])
    assert found["SecurityGroups"][0]["VpcId"] == stacks.physical_id("Network/Vpc")


def test_a_change_under_the_same_address_is_seen(stacks: Stacks) -> None:
    body = template({"Network": child(stacks.publish("network.json", network()))})
    stacks.create(body)
    stacks.publish("network.json", network(dns=False))
    change_set = stacks.change_set(body)
    assert changes(stacks, change_set) == {
        "Network": ("Modify", "False"),
        "Network/Vpc": ("Modify", "False"),
    }
    details = change_set["Changes"][0]["ResourceChange"]["Details"]
    assert details[0]["ChangeSource"] == "Automatic"


def test_a_deep_change_shows_every_ancestor(stacks: Stacks) -> None:
    def body(net: Template) -> Template:
        leaf = stacks.publish("leaf.json", net)
        middle = stacks.publish("middle.json", template({"Leaf": child(leaf)}))
        return template({"Middle": child(middle)})

    stacks.create(body(network()))
    change_set = stacks.change_set(body(network(dns=False)))
    assert set(changes(stacks, change_set)) == {"Middle", "Middle/Leaf", "Middle/Leaf/Vpc"}


def test_new_and_removed_children_are_listed(stacks: Stacks) -> None:
    body = parent(stacks)
    services_only = body["Resources"].pop("Services")
    stacks.create(body)
    body["Resources"]["Services"] = services_only
    added = stacks.change_set(body)
    assert changes(stacks, added)["Services"] == ("Add", "")
    stacks.execute(added)
    del body["Resources"]["Services"]
    removed = stacks.change_set(body)
    assert changes(stacks, removed) == {"Services": ("Remove", "")}
    stacks.execute(removed)
    assert len(stacks.alive()) == 2


def test_an_empty_change_set_fails_and_says_why(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks))
    assert change_set["Status"] == "FAILED"
    assert change_set["StatusReason"].startswith(EMPTY)
    assert change_set["ExecutionStatus"] == "UNAVAILABLE"


def test_without_looking_inside_every_child_may_change(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks), IncludeNestedStacks=False)
    assert changes(stacks, change_set) == {
        "Network": ("Modify", "False"),
        "Services": ("Modify", "False"),
    }
    assert change_set["IncludeNestedStacks"] is False


@pytest.mark.parametrize("action", ["execute_change_set", "delete_change_set"])
def test_a_nested_change_set_is_used_through_its_root_only(stacks: Stacks, action: str) -> None:
    change_set = stacks.change_set(parent(stacks), "CREATE")
    below = nested(stacks, change_set, "Network")
    with pytest.raises(stacks.api.exceptions.ClientError, match="root change set"):
        getattr(stacks.api, action)(ChangeSetName=below["ChangeSetId"])
    assert stacks.execute(change_set)["StackStatus"] == "CREATE_COMPLETE"


def test_deleting_the_root_change_set_leaves_nothing_of_the_children(stacks: Stacks) -> None:
    change_set = stacks.change_set(parent(stacks), "CREATE")
    below = nested(stacks, change_set, "Services")
    stacks.api.delete_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert stacks.alive() == ["root"]
    with pytest.raises(stacks.api.exceptions.ChangeSetNotFoundException):
        stacks.api.describe_change_set(ChangeSetName=below["ChangeSetId"])


def test_deleting_a_stack_in_review_leaves_nothing_of_the_children(stacks: Stacks) -> None:
    stacks.change_set(parent(stacks), "CREATE")
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.alive() == []


def test_a_failed_creation_leaves_no_announced_child_behind(stacks: Stacks) -> None:
    refused = {"CidrBlock": "10.0.0.0/16", "Ipv4IpamPoolId": "refused"}
    bad = template({"Vpc": {"Type": "AWS::EC2::VPC", "Properties": refused}})
    bad["Outputs"] = network()["Outputs"]
    change_set = stacks.change_set(parent(stacks, net=bad), "CREATE")
    assert stacks.execute(change_set)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.alive() == ["root"]


def test_a_child_that_can_not_be_planned_fails_the_root(stacks: Stacks) -> None:
    body = parent(stacks)
    body["Resources"]["Services"]["Properties"]["Parameters"] = {}
    change_set = stacks.change_set(body, "CREATE")
    assert change_set["Status"] == "FAILED"
    assert "Parameters: [VpcId] must have values" in change_set["StatusReason"]
    assert change_set["ExecutionStatus"] == "UNAVAILABLE"


def test_a_child_whose_template_is_missing_fails_the_root(stacks: Stacks) -> None:
    url = stacks.publish("there.json", network()).replace("there", "nowhere")
    change_set = stacks.change_set(template({"Network": child(url)}), "CREATE")
    assert change_set["Status"] == "FAILED"
    assert "nowhere.json" in change_set["StatusReason"]


def test_an_element_of_a_list_that_is_not_known_yet_can_not_be_selected(stacks: Stacks) -> None:
    body = services()
    body["Parameters"]["Subnets"] = {"Type": "CommaDelimitedList"}
    body["Outputs"]["Second"] = output({"Fn::Select": [1, {"Ref": "Subnets"}]})
    whole = parent(stacks, tasks=body)
    parameters = whole["Resources"]["Services"]["Properties"]["Parameters"]
    parameters["Subnets"] = {"Fn::GetAtt": ["Network", "Outputs.VpcId"]}
    change_set = stacks.change_set(whole, "CREATE")
    assert change_set["Status"] == "FAILED"
    assert "Fn::Select cannot select nonexistent value at index 1" in change_set["StatusReason"]


def test_tags_alone_change_every_stack_of_the_nest(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    change_set = stacks.change_set(parent(stacks), Tags=[{"Key": "team", "Value": "ledger"}])
    assert set(changes(stacks, change_set)) == {
        "Network",
        "Network/Vpc",
        "Services",
        "Services/Group",
        "Services/Logs",
    }
    assert stacks.execute(change_set)["StackStatus"] == "UPDATE_COMPLETE"
    found = stacks.session.client("ec2").describe_vpcs(VpcIds=[stacks.physical_id("Network/Vpc")])
    assert {"Key": "team", "Value": "ledger"} in found["Vpcs"][0]["Tags"]


def conditional(stacks: Stacks) -> Template:
    body = parent(stacks)
    body["Parameters"] = {"Image": {"Type": "String", "Default": ""}}
    body["Conditions"] = {"Known": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Image"}, ""]}]}}
    body["Resources"]["Services"]["Condition"] = "Known"
    body["Outputs"] = {
        "Group": {
            "Condition": "Known",
            "Value": {"Fn::GetAtt": ["Services", "Outputs.GroupId"]},
        }
    }
    return body


def image(value: str) -> list[dict[str, str]]:
    return [{"ParameterKey": "Image", "ParameterValue": value}]


def test_a_child_comes_and_goes_with_its_condition(stacks: Stacks) -> None:
    body = conditional(stacks)
    first = stacks.change_set(body, "CREATE")
    assert set(changes(stacks, first)) == {"Network", "Network/Vpc"}
    stacks.execute(first)
    assert stacks.outputs() == {}
    second = stacks.change_set(body, Parameters=image("sha256:1"))
    assert changes(stacks, second)["Services"] == ("Add", "")
    stacks.execute(second)
    assert set(stacks.outputs()) == {"Group"}
    kept = [{"ParameterKey": "Image", "UsePreviousValue": True}]
    assert stacks.change_set(body, Parameters=kept)["Status"] == "FAILED"
    third = stacks.change_set(body, Parameters=image(""))
    assert changes(stacks, third) == {"Services": ("Remove", "")}
    stacks.execute(third)
    assert len(stacks.alive()) == 2
    assert stacks.outputs() == {}


def test_a_stack_in_review_stays_the_same_for_another_change_set(stacks: Stacks) -> None:
    first = stacks.change_set(parent(stacks), "CREATE")
    second = stacks.change_set(parent(stacks, tasks=services("renamed")), "CREATE")
    assert first["StackId"] == second["StackId"] == stacks.describe()["StackId"]
    listed = stacks.api.list_change_sets(StackName="root")["Summaries"]
    assert {s["ChangeSetId"] for s in listed} == {first["ChangeSetId"], second["ChangeSetId"]}
    stacks.execute(second)
    assert len(stacks.alive()) == 3
    assert {s["StackStatus"] for s in stacks.api.describe_stacks()["Stacks"]} == {"CREATE_COMPLETE"}


def test_a_refused_change_set_leaves_the_stack_in_review(stacks: Stacks) -> None:
    stacks.change_set(parent(stacks), "CREATE")
    with pytest.raises(stacks.api.exceptions.ClientError, match="At least one Resources"):
        stacks.change_set(template({}), "CREATE")
    assert stacks.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_a_stack_that_exists_is_not_created_again(stacks: Stacks) -> None:
    stacks.create(parent(stacks))
    with pytest.raises(stacks.api.exceptions.ClientError, match="already exists and cannot be"):
        stacks.change_set(parent(stacks), "CREATE")


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_a_stack_that_was_rolled_back_must_be_deleted_first(stacks: Stacks, kind: str) -> None:
    refused = {"Type": "AWS::EC2::VPC", "Properties": {"Ipv4IpamPoolId": "refused"}}
    stacks.create(template({"Vpc": refused}))
    with pytest.raises(stacks.api.exceptions.ClientError) as refusal:
        stacks.change_set(parent(stacks), kind)
    assert refusal.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(stacks.api.exceptions.AlreadyExistsException):
        stacks.create(parent(stacks))
    stacks.delete()
    assert stacks.change_set(parent(stacks), "CREATE")["Status"] == "CREATE_COMPLETE"
