"""The sample that stands for a system when cfn-lint reads it."""

import copy
import json
from collections.abc import Callable, Mapping

import pytest

from checks.linting import sample
from checks.linting.sample import take
from checks.rendering import Node, Rendering
from tests.both_lints import BothWays, both, each
from tests.checks.templates import nested
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, rendered

SERVICES = (
    "card-api",
    "limit-api",
    "reconciliation-api",
    "fee-api",
    "token-vault",
    "wallet-api",
    "pay-by-link-to-a-card",
    "settlement",
)


def sub(text: str) -> Node:
    return {"Fn::Sub": text}


def child(name: str) -> Node:
    """The template of a service, as short as it can be."""
    return {
        "Description": f"{name} of shop",
        "Parameters": {
            "Suffix": {"Type": "String"},
            "KeyArn": {"Type": "String"},
            "Repository": {"Type": "String"},
        },
        "Resources": {
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Delete",
                "UpdateReplacePolicy": "Delete",
                "Properties": {
                    "LogGroupName": sub(f"/ecs/{name}-${{Suffix}}"),
                    "RetentionInDays": 30,
                    "KmsKeyId": {"Ref": "KeyArn"},
                },
            },
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {
                    "TopicName": sub(f"{name}-${{Suffix}}"),
                    "DisplayName": {"Ref": "Repository"},
                },
            },
        },
        "Outputs": {"TopicName": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}},
    }


def pascal(name: str) -> str:
    return "".join(map(str.capitalize, name.split("-")))


def system(**changed: Callable[[str, Node], object]) -> Rendering:
    """A parent with a nested stack for each service; ``changed`` services are not like others."""
    templates: dict[str, Node] = {
        "parent.json": {
            "Parameters": {"Suffix": {"Type": "String"}, "KeyArn": {"Type": "String"}},
            "Resources": {},
            "Outputs": {},
        }
    }
    for name in SERVICES:
        templates[f"service-{name}.json"] = child(name)
        stack = nested(
            f"service-{name}.json",
            Suffix={"Ref": "Suffix"},
            KeyArn={"Ref": "KeyArn"},
            Repository={"Ref": f"{pascal(name)}Repository"},
        )
        stack |= {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
        templates["parent.json"]["Resources"][pascal(name)] = stack
        templates["parent.json"]["Resources"][f"{pascal(name)}Repository"] = {
            "Type": "AWS::ECR::Repository",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {"RepositoryName": sub(f"{name}-${{Suffix}}")},
        }
        topic = {"Fn::GetAtt": [pascal(name), "Outputs.TopicName"]}
        templates["parent.json"]["Outputs"][f"{pascal(name)}TopicName"] = {"Value": topic}
        change = changed.get("every", changed.get(name.replace("-", "_")))
        if change:
            change(name, templates)
    files = {name: json.dumps(it).encode() for name, it in templates.items()}
    return Rendering("shop", files, names=SERVICES)


def resource(templates: Mapping[str, Node], name: str, called: str) -> Node:
    found: Node = templates[f"service-{name}.json"]["Resources"][called]
    return found


def repository(templates: Mapping[str, Node], name: str) -> Node:
    found: Node = templates["parent.json"]["Resources"][f"{pascal(name)}Repository"]["Properties"]
    return found


def given(templates: Mapping[str, Node], name: str) -> Node:
    found: Node = templates["parent.json"]["Resources"][pascal(name)]["Properties"]["Parameters"]
    return found


def kept(one: Rendering) -> dict[str, set[str]]:
    """The resources of each template that is linted."""
    templates = take([one]).templates
    return {name: set(template["Resources"]) for (_, name), template in templates.items()}


def test_of_services_that_are_alike_the_longest_and_shortest_name_of_each_form_are_linted() -> None:
    found = kept(system())
    assert found.keys() == {
        "parent.json",
        "service-pay-by-link-to-a-card.json",
        "service-fee-api.json",
        "service-settlement.json",
    }
    assert "TokenVault" not in found["parent.json"]
    assert "TokenVaultRepository" not in found["parent.json"]
    assert "FeeApiRepository" in found["parent.json"]


def test_a_service_that_is_unlike_the_others_is_linted_where_it_is_and_what_that_refers_to() -> (
    None
):
    def retained(name: str, templates: Mapping[str, Node]) -> None:
        resource(templates, name, "Logs")["DeletionPolicy"] = "Retain"

    assert kept(system(limit_api=retained)).keys() - kept(system()).keys() == {
        "service-limit-api.json"
    }
    changed = take([system(limit_api=retained)]).templates
    (template,) = [it for (_, name), it in changed.items() if name == "service-limit-api.json"]
    assert template["Resources"].keys() == {"Logs"}
    assert template["Parameters"].keys() == {"Suffix", "KeyArn"}, "not the one of another"
    assert "Outputs" not in template


def test_of_nested_stacks_every_parameter_is_linted_but_not_every_set_of_them() -> None:
    def also(parameter: str) -> Callable[[str, Mapping[str, Node]], object]:
        def change(name: str, templates: Mapping[str, Node]) -> None:
            templates[f"service-{name}.json"]["Parameters"][parameter] = {"Type": "String"}
            given(templates, name)[parameter] = "x"

        return change

    def both_of_them(name: str, templates: Mapping[str, Node]) -> None:
        also("Size")(name, templates)
        also("Colour")(name, templates)

    # The first, the longest and the shortest have both, so one of them only is nothing new.
    every = dict.fromkeys(("card_api", "pay_by_link_to_a_card", "fee_api"), both_of_them)
    changed = system(**every, token_vault=also("Size"), wallet_api=also("Colour"))
    assert not {"TokenVault", "WalletApi"} & kept(changed)["parent.json"]


def test_the_longest_name_at_a_site_stands_for_parts_that_are_not_alike() -> None:
    def topic(name: str, **more: str) -> Node:
        return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-topic", **more}}

    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/of-all-of-them"}}
    resources = {
        "parent.json": {"Topic": topic("all")},
        "service-which-has-the-longest-name.json": {"Logs": group},  # stands for what all have
        "service-card-payments.json": {"Topic": topic("card-payments")},
        "service-fees.json": {"Topic": topic("fees", DisplayName="Fees")},
        "service-risks.json": {"Topic": topic("risk", DisplayName="Risks")},
    }
    files = {name: json.dumps({"Resources": it}).encode() for name, it in resources.items()}
    shop = Rendering("shop", files, names=("card-payments", "of-all-of-them", "fees"))
    like = {name for _, name in take([shop]).like((shop, "service-card-payments.json"))}
    assert like == {"service-card-payments.json", "service-fees.json"}


def test_nothing_is_left_out_of_a_template_that_is_almost_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sample._QUOTAS, "Resources", 2 * len(SERVICES))
    assert len(kept(system())["parent.json"]) == 2 * len(SERVICES)


def misspelt(name: str, templates: Mapping[str, Node]) -> None:
    resource(templates, name, "Topic")["Properties"]["TopikName"] = "x"


def too_long(name: str, templates: Mapping[str, Node]) -> None:
    """Too long for the longest name only."""
    repository(templates, name)["RepositoryName"] = f"{'a' * 240}/{name}"


def too_short(name: str, templates: Mapping[str, Node]) -> None:
    """Too short for the shortest of those with a hyphen only: a minute is the least."""
    stack = templates["parent.json"]["Resources"][pascal(name)]["Properties"]
    stack["TimeoutInMinutes"] = 0 if name == "fee-api" else 5


def hyphens(name: str, templates: Mapping[str, Node]) -> None:
    """Wrong for all but the one name without a hyphen."""
    repository(templates, name)["RepositoryName"] = name.replace("-", "!")


def without_hyphens(name: str, templates: Mapping[str, Node]) -> None:
    """Right for all but the one name without a hyphen."""
    repository(templates, name)["RepositoryName"] = name if "-" in name else f"_{name}_"


def one_name_for_all(name: str, templates: Mapping[str, Node]) -> None:
    repository(templates, name)["RepositoryName"] = "shop"


def anothers_name(name: str, templates: Mapping[str, Node]) -> None:
    repository(templates, name)["RepositoryName"] = sub("card-api-${Suffix}")


def anothers_name_beside_its_own(name: str, templates: Mapping[str, Node]) -> None:
    anothers_name(name, templates)
    repository(templates, name)["Tags"] = [{"Key": "Name", "Value": name}]


def anothers_name_and_otherwise_different(name: str, templates: Mapping[str, Node]) -> None:
    repository(templates, name)["RepositoryName"] = sub("wallet-api-${Suffix}")
    if name != "wallet-api":
        repository(templates, name)["ImageTagMutability"] = "IMMUTABLE"


def too_long_as_ids_spell_it(name: str, templates: Mapping[str, Node]) -> None:
    """Too long for the one that is the longest without its hyphens."""
    resource(templates, name, "Topic")["Properties"]["TopicName"] = "x" * 240 + pascal(name)


def too_long_in_two_kinds(name: str, templates: Mapping[str, Node]) -> None:
    """Too long for all but short names. Two topics are of a kind, of which the shorter is right."""
    topic = resource(templates, name, "Topic")["Properties"]
    topic["TopicName"] = "x" * 246 + name
    if name in ("fee-api", "token-vault"):
        topic["Tags"] = [{"Key": "Team", "Value": "accounting"}]


LONGEST_TOGETHER = {"fee-api": "pay-by-link-to-a-card", "token-vault": "reconciliation-api"}
"""Names that others have beside them, which is the first of these otherwise: so the second two are
the longest together, though neither of them is by itself.
"""


def too_long_together(name: str, templates: Mapping[str, Node]) -> None:
    together = f"{'x' * 227}{name}-{LONGEST_TOGETHER.get(name, 'fee-api')}"
    resource(templates, name, "Topic")["Properties"]["TopicName"] = together


def too_long_when_joined(name: str, templates: Mapping[str, Node]) -> None:
    other = LONGEST_TOGETHER.get(name, "fee-api")
    joined = {"Fn::Join": ["-", ["x" * 112, name, "x" * 113, other]]}
    resource(templates, name, "Topic")["Properties"]["TopicName"] = joined


def too_short_for_what_some_want(name: str, templates: Mapping[str, Node]) -> None:
    """Too short where more is wanted than of the shortest name."""
    wanted = 11 if name in ("token-vault", "wallet-api") else 1
    size = {"Type": "String", "Default": name, "MinLength": wanted}
    templates[f"service-{name}.json"]["Parameters"]["Size"] = size
    resource(templates, name, "Topic")["Properties"]["DisplayName"] = {"Ref": "Size"}
    del templates[f"service-{name}.json"]["Parameters"]["Repository"]
    del given(templates, name)["Repository"]


def metadata_of_nothing(name: str, templates: Mapping[str, Node]) -> None:
    """Metadata of one name another one's parameter."""
    parameter = f"{pascal(name)}Size"
    templates[f"service-{name}.json"]["Parameters"][parameter] = {"Type": "String"}
    given(templates, name)[parameter] = "x"
    resource(templates, name, "Topic")["Properties"]["FifoTopic"] = {"Ref": parameter}
    spoken_of = "WalletApiSize" if name == "token-vault" else parameter
    groups = [{"Label": {"default": "All"}, "Parameters": [spoken_of]}]
    interface = {"AWS::CloudFormation::Interface": {"ParameterGroups": groups}}
    templates[f"service-{name}.json"]["Metadata"] = interface


def used_by_metadata_only(name: str, templates: Mapping[str, Node]) -> None:
    """A condition that all but one use for more."""
    condition_of_nobody(name, templates)
    resource(templates, name, "Topic")["Metadata"] = {"Condition": "Dear"}
    if name != "token-vault":
        resource(templates, name, "Logs")["Condition"] = "Dear"


def unused(name: str, templates: Mapping[str, Node]) -> None:
    del resource(templates, name, "Logs")["Properties"]["KmsKeyId"]


def used_by_nothing_but_a_text(name: str, templates: Mapping[str, Node]) -> None:
    resource(templates, name, "Logs")["Properties"]["KmsKeyId"] = "KeyArn"


def dangling(name: str, templates: Mapping[str, Node]) -> None:
    resource(templates, name, "Logs")["Properties"]["KmsKeyId"] = {"Ref": "KeyAnr"}


def not_given(name: str, templates: Mapping[str, Node]) -> None:
    del given(templates, name)["KeyArn"]


def given_too_much(name: str, templates: Mapping[str, Node]) -> None:
    given(templates, name)["KeyAnr"] = {"Ref": "KeyArn"}


def given_what_may_not_be_there(name: str, templates: Mapping[str, Node]) -> None:
    templates["parent.json"]["Conditions"] = {"Kept": {"Fn::Equals": [{"Ref": "Suffix"}, "prod"]}}
    resources = templates["parent.json"]["Resources"]
    resources[f"{pascal(name)}Repository"]["Condition"] = "Kept"


def waits_for_what_it_is_given(name: str, templates: Mapping[str, Node]) -> None:
    templates["parent.json"]["Resources"][pascal(name)]["DependsOn"] = f"{pascal(name)}Repository"


def waits_for_what_it_is_given_as_well(name: str, templates: Mapping[str, Node]) -> None:
    """All wait for something, one of them for what it is given anyway, another one for nothing."""
    waits_for = {"card-api": "wallet-api", "token-vault": "token-vault", "limit-api": "nothing"}
    repository_of = pascal(waits_for.get(name, "card-api"))
    templates["parent.json"]["Resources"][pascal(name)]["DependsOn"] = f"{repository_of}Repository"


def gives_nothing(name: str, templates: Mapping[str, Node]) -> None:
    del templates[f"service-{name}.json"]["Outputs"]


def given_an_output_of_another_that_has_none(name: str, templates: Mapping[str, Node]) -> None:
    if name != "card-api":
        given(templates, name)["KeyArn"] = {"Fn::GetAtt": ["CardApi", "Outputs.KeyArn"]}


def not_taken(name: str, templates: Mapping[str, Node]) -> None:
    del templates[f"service-{name}.json"]["Parameters"]["KeyArn"]
    resource(templates, name, "Logs")["Properties"].pop("KmsKeyId")


def circle(name: str, templates: Mapping[str, Node]) -> None:
    resource(templates, name, "Logs")["DependsOn"] = "Topic"
    resource(templates, name, "Topic")["DependsOn"] = "Logs"


def condition_of_nobody(name: str, templates: Mapping[str, Node]) -> None:
    conditions = {"Dear": {"Fn::Equals": [{"Ref": "Suffix"}, "prod"]}}
    templates[f"service-{name}.json"]["Conditions"] = conditions


def unknown_output(name: str, templates: Mapping[str, Node]) -> None:
    value = {"Fn::GetAtt": [pascal(name), "Outputs.TopikName"]}
    templates["parent.json"]["Outputs"][f"{pascal(name)}Topic"] = {"Value": value}


def name_of_a_parameter(name: str, templates: Mapping[str, Node]) -> None:
    resources = templates[f"service-{name}.json"]["Resources"]
    resources["KeyArn"] = {"Type": "AWS::SNS::Topic"}


def waits_for_what_is_given_another_way(name: str, templates: Mapping[str, Node]) -> None:
    """All wait for a resource whose name is a text of theirs, one for the other, which it needs."""
    resources = templates[f"service-{name}.json"]["Resources"]
    resources["One"] = {"Type": "AWS::SNS::Topic"}
    resources["Two"] = {"Type": "AWS::SNS::Topic"}
    tags = [{"Key": "a", "Value": "One"}, {"Key": "b", "Value": {"Ref": "Two"}}]
    resources["Topic"]["Properties"]["Tags"] = tags
    resources["Topic"]["DependsOn"] = "Two" if name == "token-vault" else "One"


def given_in_a_branch(name: str, templates: Mapping[str, Node]) -> None:
    """All that have the parameter are given it, whatever the condition, but one."""
    templates["parent.json"]["Conditions"] = {"Kept": {"Fn::Equals": [{"Ref": "Suffix"}, "prod"]}}
    stack = templates["parent.json"]["Resources"][pascal(name)]["Properties"]
    one = dict(stack["Parameters"])
    if name in ("fee-api", "pay-by-link-to-a-card", "settlement", "limit-api", "token-vault"):
        templates[f"service-{name}.json"]["Parameters"]["Size"] = {"Type": "String"}
        tags = [{"Key": "a", "Value": {"Ref": "Size"}}]
        resource(templates, name, "Topic")["Properties"]["Tags"] = tags
        if name != "token-vault":
            one["Size"] = "x"
    stack["Parameters"] = {"Fn::If": ["Kept", one, one]}


def used_by_what_looks_like_a_placeholder(name: str, templates: Mapping[str, Node]) -> None:
    resource(templates, name, "Topic")["Properties"]["Tags"] = [
        {"Key": "a", "Value": "${ KeyArn }"}
    ]
    if name == "token-vault":
        unused(name, templates)


def used_by_what_is_called_condition(name: str, templates: Mapping[str, Node]) -> None:
    """A condition that all but one use for more."""
    condition_of_nobody(name, templates)
    resources = templates[f"service-{name}.json"]["Resources"]
    properties = {"ServiceToken": {"Ref": "KeyArn"}, "Condition": "Dear"}
    resources["Custom"] = {"Type": "Custom::Thing", "Properties": properties}
    if name != "token-vault":
        resources["Logs"]["Condition"] = "Dear"


def anothers_name_in_a_branch(name: str, templates: Mapping[str, Node]) -> None:
    templates["parent.json"]["Conditions"] = {"Kept": {"Fn::Equals": [{"Ref": "Suffix"}, "prod"]}}
    other = "wallet-api-x" if name == "token-vault" else f"{name}-x"
    name_of_it = {"Fn::If": ["Kept", other, f"{name}-y"]}
    repository(templates, name)["RepositoryName"] = name_of_it


def two_names_of_another(name: str, templates: Mapping[str, Node]) -> None:
    """Filters have one of two names in common with others, one of them both."""
    turn, resources = SERVICES.index(name), templates["parent.json"]["Resources"]
    for step in range(3):
        other = SERVICES[(turn + step) % len(SERVICES)]
        resources[f"{pascal(name)}Filter{step}"] = {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": f"{name}-group",
                "FilterName": f"{other}-filter",
                "FilterPattern": "x",
                "MetricTransformations": [
                    {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}
                ],
            },
        }
    if name == "token-vault":
        resources["Again"] = copy.deepcopy(resources["TokenVaultFilter1"])


def too_long_by_default(name: str, templates: Mapping[str, Node]) -> None:
    """The default of a parameter is too long for the second that uses it."""
    one = templates[f"service-{name}.json"]
    one["Parameters"]["Size"] = {"Type": "String", "Default": "x" * 240 + pascal(name)}
    given(templates, name)["Size"] = "y"
    one["Resources"]["Logs"]["Properties"]["LogGroupName"] = sub("${Size}")
    one["Resources"]["Logs"]["Properties"]["Tags"] = [{"Key": "a", "Value": {"Ref": "Suffix"}}]
    tags = [{"Key": "a", "Value": {"Ref": "Repository"}}]
    one["Resources"]["Topic"]["Properties"] = {"TopicName": {"Ref": "Size"}, "Tags": tags}


def too_long_with_a_default(name: str, templates: Mapping[str, Node]) -> None:
    """A name that is not the longest is too long with what stands before it for some services."""
    one = templates[f"service-{name}.json"]
    some = name in ("fee-api", "token-vault", "wallet-api", "limit-api")
    one["Parameters"]["Stem"] = {"Type": "String", "Default": "x" * (239 if some else 1)}
    given(templates, name)["Stem"] = "y"
    one["Resources"]["Logs"]["Properties"]["LogGroupName"] = sub("${Stem}")
    one["Resources"]["Logs"]["Properties"]["Tags"] = [{"Key": "a", "Value": {"Ref": "Suffix"}}]
    spelt = "fee-api" if some else "pay-by-link-to-a-card"
    spelt = "reconciliation-api" if name == "token-vault" else spelt
    tags = [{"Key": "a", "Value": {"Ref": "Repository"}}]
    topic = {"TopicName": sub(f"${{Stem}}{spelt}"), "Tags": tags}
    one["Resources"]["Topic"]["Properties"] = topic


DEFECTS = (
    misspelt,
    too_long,
    too_short,
    hyphens,
    without_hyphens,
    one_name_for_all,
    anothers_name,
    anothers_name_beside_its_own,
    anothers_name_and_otherwise_different,
    too_long_as_ids_spell_it,
    too_long_in_two_kinds,
    too_long_together,
    too_long_when_joined,
    too_short_for_what_some_want,
    metadata_of_nothing,
    used_by_metadata_only,
    unused,
    used_by_nothing_but_a_text,
    dangling,
    not_given,
    given_too_much,
    given_what_may_not_be_there,
    waits_for_what_it_is_given,
    waits_for_what_it_is_given_as_well,
    gives_nothing,
    given_an_output_of_another_that_has_none,
    not_taken,
    circle,
    condition_of_nobody,
    unknown_output,
    name_of_a_parameter,
    waits_for_what_is_given_another_way,
    given_in_a_branch,
    used_by_what_looks_like_a_placeholder,
    used_by_what_is_called_condition,
    anothers_name_in_a_branch,
    two_names_of_another,
    too_long_by_default,
    too_long_with_a_default,
)


@pytest.fixture(scope="module")
def found() -> dict[str, BothWays]:
    """What cfn-lint finds of each defect with ``--full`` and without, planted in one service that
    is in no sample otherwise, and in all of them.
    """
    systems = {"nothing": system()}
    for defect in DEFECTS:
        systems[f"{defect.__name__} in one"] = system(token_vault=defect)
        systems[f"{defect.__name__} in all"] = system(every=defect)
    return each(systems, ROOT / ".cache" / "lint-of-defects")


def test_a_system_without_defects_has_none_either_way(found: dict[str, BothWays]) -> None:
    assert found["nothing"] == ([], [])


@pytest.mark.parametrize("defect", [one.__name__ for one in DEFECTS])
@pytest.mark.parametrize("where", ["one", "all"])
def test_the_sample_loses_no_finding(found: dict[str, BothWays], defect: str, where: str) -> None:
    full, shortcut = found[f"{defect} in {where}"]
    assert shortcut == full
    assert full or where == "one", "no defect at all"


@pytest.mark.slow(reason="lints both reference systems")
def test_the_reference_systems_have_the_same_findings_either_way() -> None:
    systems = [rendered(name) for name in SYSTEMS if name.partition("/")[0] in REFERENCES]
    assert list(both([systems], ROOT / ".cache" / "lint")) == [([], [])]


def test_what_is_like_something_in_another_system_is_compared_with_what_is_beside_it() -> None:
    def base(_: str, templates: Mapping[str, Node]) -> None:
        templates["parent.json"]["Resources"]["Base"] = {
            "Type": "AWS::ECR::Repository",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {"RepositoryName": "base"},
        }

    def again(name: str, templates: Mapping[str, Node]) -> None:
        base(name, templates)
        resources = templates["parent.json"]["Resources"]
        resources["Again"] = copy.deepcopy(resources["Base"])
        resources["Again"]["Properties"]["ImageTagMutability"] = "IMMUTABLE"

    build = [system(token_vault=base), system(token_vault=again)]
    ((full, shortcut),) = both([build], ROOT / ".cache" / "lint-of-defects")
    assert [one.rule for one in full] == ["E3019", "E3019"]
    assert shortcut == full
