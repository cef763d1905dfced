"""What a deployment would do is told from two sets of templates, without AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from checks.rendering import Rendering
from checks.resolved import System, resolve
from delivery import comparison
from delivery.changes import Cause, Change
from delivery.errors import InputError
from delivery.forecast import forecast, obstacles
from tests.delivery.samples import log_group, nested, ref, template

UNKNOWN = "(known after the deployment)"


def system(**files: bytes) -> System:
    """Return a resolved system; ``parent`` is its parent template, the others are nested."""
    return resolve(Rendering("tiny", {f"{name}.json": body for name, body in files.items()}), {})


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def network(cidr: str = "10.0.0.0/16", *, dns: bool = True) -> System:
    """A VPC in one stack, and what stands in it in another."""
    vpc = one("AWS::EC2::VPC", CidrBlock=cidr, EnableDnsSupport=dns)
    inner = json.loads(template(Vpc=vpc))
    inner["Outputs"] = {"VpcId": {"Value": ref("Vpc")}}
    group = one("AWS::EC2::SecurityGroup", GroupDescription="tasks", VpcId=ref("VpcId"))
    rule = one("AWS::EC2::SecurityGroupIngress", GroupId=ref("Group"), IpProtocol="tcp")
    tagged = one("AWS::EC2::InternetGateway", Tags=[{"Key": "Vpc", "Value": ref("VpcId")}])
    takes = {"VpcId": {"Type": "String"}}
    handed = nested("tasks", VpcId={"Fn::GetAtt": ["Network", "Outputs.VpcId"]})
    return system(
        parent=template(Network=nested("network"), Tasks=handed),
        network=json.dumps(inner).encode(),
        tasks=template(takes, Group=group, Rule=rule, Gateway=tagged),
    )


def flat(**resources: Any) -> System:
    return system(parent=template(**resources))


def told(before: System, after: System) -> dict[str, tuple[str, str]]:
    return {c.address: (c.action, c.replacement) for c in forecast(before, after)}


def test_the_same_templates_change_nothing() -> None:
    assert forecast(network(), network()) == []


def test_what_comes_and_what_goes_is_listed_and_what_stays_in_the_account() -> None:
    kept = log_group("/b", DeletionPolicy="RetainExceptOnCreate")
    before = flat(A=log_group("/a"), B=kept)
    assert forecast(before, flat(C=log_group("/c"))) == [
        Change((), "A", "AWS::Logs::LogGroup", "Remove", "no"),
        Change((), "B", "AWS::Logs::LogGroup", "Remove", "no", retained=True),
        Change((), "C", "AWS::Logs::LogGroup", "Add", "no"),
    ]


def test_what_is_in_a_nested_stack_that_is_retained_stays_when_that_goes() -> None:
    def around(policy: str, *children: str) -> System:
        deep = {"Deep": {**nested("deep"), "DeletionPolicy": policy}} if children else {}
        return system(
            parent=template(Other=log_group("/o"), **deep),
            deep=template(A=log_group("/a"), Deeper=nested("deeper")),
            deeper=template(**{name: log_group(f"/{name}") for name in ("B", *children)}),
        )

    def left(policy: str) -> dict[str, bool]:
        found = forecast(around(policy, "C"), around(policy))
        return {change.address: change.retained for change in found}

    assert left("Retain") == {"Deep/A": True, "Deep/Deeper/B": True, "Deep/Deeper/C": True}
    assert left("Delete") == {"Deep/A": False, "Deep/Deeper/B": False, "Deep/Deeper/C": False}
    (removed,) = forecast(around("Retain", "C", "D"), around("Retain", "C"))
    assert (removed.address, removed.effect) == ("Deep/Deeper/D", "delete")
    without = system(
        parent=template(Other=log_group("/o"), Deep={**nested("deep"), "DeletionPolicy": "Retain"}),
        deep=template(A=log_group("/a")),
    )
    gone = forecast(around("Retain", "C"), without)
    assert {change.effect for change in gone} == {"delete"}


def test_a_property_that_can_change_in_place_replaces_nothing_in_the_whole_nest() -> None:
    assert forecast(network(), network(dns=False)) == [
        Change(
            ("Network",),
            "Vpc",
            "AWS::EC2::VPC",
            "Modify",
            "no",
            causes=(Cause("EnableDnsSupport", "no", "true", "false"),),
        )
    ]


def test_a_replacement_goes_through_the_whole_nest_as_far_as_it_replaces() -> None:
    changes = {c.address: c for c in forecast(network(), network("10.1.0.0/16"))}
    assert {address: c.replacement for address, c in changes.items()} == {
        "Network/Vpc": "yes",
        "Tasks/Gateway": "no",
        "Tasks/Group": "yes",
        "Tasks/Rule": "yes",
    }
    assert changes["Tasks/Group"].causes == (
        Cause("VpcId", "yes", "${Network/Vpc}", UNKNOWN, "Network/Vpc"),
    )
    assert changes["Tasks/Rule"].causes[0].entity == "Tasks/Group"


def test_what_follows_from_a_possible_replacement_is_possible_too() -> None:
    def tenancy(value: str) -> System:
        vpc = one("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", InstanceTenancy=value)
        subnet = one("AWS::EC2::Subnet", CidrBlock="10.0.0.0/24", VpcId=ref("Vpc"))
        return flat(Vpc=vpc, Subnet=subnet)

    assert told(tenancy("dedicated"), tenancy("default")) == {
        "Subnet": ("Modify", "maybe"),
        "Vpc": ("Modify", "maybe"),
    }


def test_a_part_of_a_property_replaces_where_the_schema_says_so() -> None:
    def encrypted(key: str | None) -> System:
        keys = {"KmsKey": key} if key else {}
        encryption = {"EncryptionType": "KMS", **keys}
        return flat(R=one("AWS::ECR::Repository", EncryptionConfiguration=encryption))

    (change,) = forecast(encrypted("a"), encrypted("b"))
    assert change.causes == (Cause("EncryptionConfiguration/KmsKey", "yes", "a", "b"),)
    assert told(encrypted(None), encrypted("b")) == {"R": ("Modify", "yes")}


def test_another_type_under_the_same_name_is_another_resource() -> None:
    (change,) = forecast(flat(A=log_group("/a")), flat(A=one("AWS::SNS::Topic")))
    assert (change.type, change.replacement) == ("AWS::SNS::Topic", "yes")


def test_of_a_type_that_nobody_knows_a_change_may_replace() -> None:
    before, after = (flat(A=one("Custom::Thing", Size=size)) for size in (1, 2))
    assert told(before, after) == {"A": ("Modify", "maybe")}


def test_a_policy_alone_is_a_change_in_place() -> None:
    before = flat(A=log_group("/a", UpdateReplacePolicy="Retain"))
    after = flat(A=log_group("/a", UpdateReplacePolicy="Retain", DeletionPolicy="Retain"))
    (change,) = forecast(before, after)
    assert (change.replacement, change.retained) == ("no", False)
    assert change.causes == (Cause("DeletionPolicy", "no", None, "Retain"),)


def test_what_is_replaced_is_kept_where_its_policy_says_so() -> None:
    before = flat(A=log_group("/a", UpdateReplacePolicy="Retain"))
    (change,) = forecast(before, flat(A=log_group("/b", UpdateReplacePolicy="Retain")))
    assert (change.replacement, change.retained) == ("yes", True)


def test_what_may_be_a_secret_is_hidden() -> None:
    def secret(value: str) -> System:
        return flat(A=one("AWS::SecretsManager::Secret", SecretString=value))

    (change,) = forecast(secret("one"), secret("two"))
    assert change.causes == (Cause("SecretString", "no", "(hidden)", "(hidden)"),)


def repository(key: str, name: Any = "api") -> System:
    encryption = {"EncryptionType": "KMS", "KmsKey": key}
    properties = {"RepositoryName": name, "EncryptionConfiguration": encryption}
    return flat(Repository=one("AWS::ECR::Repository", **properties))


def test_a_replacement_that_needs_the_old_name_is_told_to_fail() -> None:
    before, after = repository("a"), repository("b")
    assert list(obstacles(forecast(before, after), before, after)) == [
        "Repository cannot be replaced as it is: the new one would have the RepositoryName of the "
        "old one, api. Give it another name, or undo the change of EncryptionConfiguration/KmsKey."
    ]
    other = repository("b", "api-2")
    assert list(obstacles(forecast(before, other), before, other)) == []


def test_a_replacement_with_a_name_that_aws_makes_succeeds() -> None:
    none = {"Ref": "AWS::NoValue"}
    before, after = repository("a", none), repository("b", none)
    assert [c.replacement for c in forecast(before, after)] == ["yes"]
    assert list(obstacles(forecast(before, after), before, after)) == []


def test_a_move_to_another_stack_under_the_same_name_is_told_to_fail() -> None:
    def logs(stack: str, name: str) -> System:
        inner = template(Logs=log_group(name))
        parent = template(**{stack.title(): nested(stack)})
        return system(parent=parent, **{stack: inner})

    before, after = logs("roles", "/a"), logs("more", "/a")
    why = (
        "/Logs cannot be made: it would have the LogGroupName of Roles/Logs, /a, which goes "
        "only when the new one is there. Leave it where it is"
    )
    assert list(obstacles(forecast(before, after), before, after)) == [f"More{why}."]
    shard = logs("roles2", "/a")
    assert list(obstacles(forecast(before, shard), before, shard)) == [
        f"Roles2{why}: a service or a secret that is deployed keeps its shard."
    ]
    other = logs("more", "/b")
    assert list(obstacles(forecast(before, other), before, other)) == []


def test_a_folder_that_was_built_is_read_with_its_parameters(tmp_path: Path) -> None:
    takes = {"EnvironmentSuffix": {"Type": "String"}, "Days": {"Type": "String", "Default": "1"}}
    body = template(takes, Inner=nested("inner", Days=ref("Days")))
    (tmp_path / "parent.json").write_bytes(body)
    logs = log_group("/a")
    logs["Properties"]["RetentionInDays"] = ref("Days")
    (tmp_path / "inner.json").write_bytes(template({"Days": {"Type": "String"}}, Logs=logs))
    (tmp_path / "dev.overrides.json").write_text('["Days=7"]')
    side = comparison.of_folder(tmp_path, "tiny/production", "dev")
    assert side.parameters == {"EnvironmentSuffix": "dev", "Days": "7"}
    assert sorted(side.rendering.files) == ["inner.json", "parent.json"]
    assert comparison.of_folder(tmp_path, "tiny/production", "qa").parameters == {
        "EnvironmentSuffix": "qa"
    }


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_folder_without_a_build_is_told(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "parent.json").write_text(content)
    with pytest.raises(InputError, match=r"There is no build in .* must be there or in tiny"):
        comparison.of_folder(tmp_path, "tiny/production", "dev")
