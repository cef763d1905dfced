from pathlib import Path

import pytest

from checks.schemas import known, schema
from delivery import policy
from delivery.changes import Action, Cause, Change, Replacement
from delivery.cli import main
from delivery.errors import InputError, RefusedError
from delivery.policy import LEVELS, Level, Policy, Rule
from tests.systems_under_test import REFERENCES, rendered

POLICY = Policy()
REFUSING = [rule for rule in POLICY.rules if rule.refuse]
VISIBLE_OR_STATEFUL = {
    "AWS::ECR::Repository",
    "AWS::SecretsManager::Secret",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ServiceDiscovery::PrivateDnsNamespace",
}


def change(
    kind: str, effect: Action, *, replacement: Replacement = "yes", changed: str = ""
) -> Change:
    actions = {"add": "Add", "modify": "Modify", "replace": "Modify"}
    return Change(
        ("Nest",),
        "One",
        kind,
        actions.get(effect, "Remove"),
        replacement if effect == "replace" else "no",
        causes=(Cause(changed, "no"),) if changed else (),
        retained=effect == "retain",
    )


def cases() -> list[tuple[str, str, Action]]:
    return [
        (rule.id, kind.replace("*Namespace", "PrivateDnsNamespace"), action)
        for rule in REFUSING
        for kind in rule.types
        for action in rule.actions
    ]


@pytest.mark.parametrize(("rule", "kind", "action"), cases())
def test_each_rule_refuses_in_production_what_nobody_has_allowed(
    rule: str, kind: str, action: Action
) -> None:
    (refusal,) = POLICY.refusals([change(kind, action)], "production")
    assert refusal.rule.id == rule
    with pytest.raises(RefusedError) as refused:
        policy.refuse([refusal])
    assert refused.value.exit_code == 3
    assert f"Nest/One ({kind}) would be {action}d: {refusal.rule.reason} (rule {rule})" in str(
        refused.value
    )
    assert str(refused.value).endswith("repeat the command with: --allow Nest/One")


@pytest.mark.parametrize(("rule", "kind", "action"), cases())
def test_each_rule_lets_happen_what_is_allowed_by_name(
    rule: str, kind: str, action: Action
) -> None:
    del rule
    assert POLICY.refusals([change(kind, action)], "production", ["Nest/One"]) == []


@pytest.mark.parametrize("almost", ["One", "Nest", "Nest/*", "nest/one", "Nest/One/", "Nest/On"])
def test_a_name_that_is_almost_right_allows_nothing(almost: str) -> None:
    deleted = change("AWS::KMS::Key", "delete")
    assert len(POLICY.refusals([deleted], "production", [almost])) == 1


@pytest.mark.parametrize("kind", sorted(VISIBLE_OR_STATEFUL))
@pytest.mark.parametrize("effect", ["delete", "replace"])
def test_what_is_stateful_or_seen_from_outside_is_guarded(kind: str, effect: Action) -> None:
    assert POLICY.refusals([change(kind, effect)], "production")
    assert not POLICY.refusals([change(kind, effect)], "development")


def test_what_is_perhaps_replaced_is_guarded_too() -> None:
    perhaps = change("AWS::EC2::Subnet", "replace", replacement="maybe")
    refusals = POLICY.refusals([perhaps], "production")
    with pytest.raises(RefusedError, match=r"would perhaps be replaced: all that runs in it moves"):
        policy.refuse(refusals)


@pytest.mark.parametrize("kind", sorted(VISIBLE_OR_STATEFUL))
@pytest.mark.parametrize("effect", ["add", "modify", "retain"])
def test_what_comes_changes_in_place_or_stays_is_not_refused(kind: str, effect: Action) -> None:
    assert POLICY.refusals([change(kind, effect)], "production") == []


def test_nothing_is_raised_where_nothing_is_refused() -> None:
    policy.refuse([])


def test_all_refusals_are_told_at_once() -> None:
    refusals = POLICY.refusals(
        [change("AWS::KMS::Key", "delete"), change("AWS::EC2::EIP", "replace")], "production"
    )
    with pytest.raises(RefusedError, match=r"2 changes are not allowed.*\n.*\n.*\n") as refused:
        policy.refuse(refusals)
    assert str(refused.value).endswith("--allow Nest/One --allow Nest/One")


@pytest.mark.parametrize("rule", POLICY.rules, ids=lambda rule: rule.id)
def test_each_rule_names_types_and_properties_that_exist(rule: Rule) -> None:
    for kind in rule.types:
        assert "*" in kind or known(kind), kind
        if "*" not in kind:
            assert set(rule.properties) <= schema(kind)["properties"].keys()


@pytest.mark.parametrize("rule", POLICY.rules, ids=lambda rule: rule.id)
def test_the_risk_of_a_change_is_the_worst_of_the_rules_that_cover_it(rule: Rule) -> None:
    kind = rule.types[0].replace("*", "X")
    found = change(kind, rule.actions[0], changed=next(iter(rule.properties), ""))
    risk = POLICY.risk(found)
    assert LEVELS.index(risk.level) >= LEVELS.index(rule.risk)


def test_of_several_rules_the_worst_tells_the_risk_wherever_it_stands() -> None:
    def keys(number: int, risk: Level) -> Rule:
        return Rule(
            id=f"rule-{number}", types=["*::Key"], actions=["modify"], risk=risk, reason=risk
        )

    changed = change("AWS::KMS::Key", "modify")
    for risks in (("low", "external", "access"), ("external", "access", "none")):
        rules = [keys(number, risk) for number, risk in enumerate(risks)]  # type: ignore[arg-type]
        assert Policy(rules).risk(changed).level == "external"


def test_a_rule_about_properties_covers_no_other_change() -> None:
    def risk(changed: str) -> str:
        return POLICY.risk(change("AWS::KMS::Key", "modify", changed=changed)).level

    assert risk("KeyPolicy/Statement/Logs/Action") == "access"
    assert risk("EnableKeyRotation") == "low"
    assert risk("KeyPolicyOther") == "low"


def test_tags_alone_are_harmless_unless_a_rule_names_them() -> None:
    tagged = change("AWS::EC2::RouteTable", "modify", changed="Tags/Name/Value")
    assert POLICY.risk(tagged).level == "low"
    assert POLICY.risk(change("AWS::EC2::RouteTable", "modify")).level == "interruption"
    about_tags = Rule(
        id="tags",
        types=["*"],
        actions=["modify"],
        properties=["Tags"],
        risk="access",
        reason="rights follow tags",
    )
    assert Policy([about_tags]).risk(tagged).level == "access"


@pytest.mark.parametrize(
    ("effect", "level"), [("add", "none"), ("modify", "low"), ("replace", "low"), ("delete", "low")]
)
def test_a_type_that_no_rule_is_about_has_a_risk_too(effect: Action, level: str) -> None:
    assert POLICY.risk(change("AWS::X::Y", effect)).level == level


OWN = """
rules:
  - id: databases
    types: [AWS::RDS::DB*]
    actions: [delete, replace, retain]
    risk: data loss
    reason: there are the accounts
    refuse: [production, development]
"""


def test_a_project_adds_rules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(OWN)
    own = policy.load(tmp_path)
    for profile in ("production", "development"):
        (refusal,) = own.refusals([change("AWS::RDS::DBInstance", "retain")], profile)
        assert refusal.rule.reason == "there are the accounts"
    assert own.risk(change("AWS::RDS::DBInstance", "delete")).level == "data loss"
    assert own.refusals([change("AWS::KMS::Key", "delete")], "production")


def test_a_project_without_rules_has_the_built_in_ones(tmp_path: Path) -> None:
    assert policy.load(tmp_path).rules == POLICY.rules


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file: Input should be a valid dictionary"),
        ("rules: [", "is no YAML"),
        ("rules: []\nother: 1", "other: Extra inputs are not permitted"),
        (OWN.replace("delete,", "destroy,"), "rules/0/actions/0: Input should be 'add', 'modify'"),
        (OWN.replace("production,", "prod,"), "rules/0/refuse/0: Input should be 'production'"),
        (OWN.replace("data loss", "bad"), "rules/0/risk: Input should be 'none', 'low'"),
        (OWN.replace("    reason: there are the accounts\n", ""), "rules/0/reason: Field required"),
        (OWN.replace("id: databases", "id: keys"), "there is a rule keys already"),
        (OWN.replace("id: databases", "id: Data bases"), "rules/0/id: String should match"),
    ],
)
def test_a_mistake_in_a_projects_rules_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    with pytest.raises(InputError) as mistake:
        policy.load(tmp_path)
    assert told in str(mistake.value)
    assert "policy.yaml" in str(mistake.value)


def test_what_the_templates_keep_is_guarded() -> None:
    """But for what holds nothing by itself, and task definitions, which are made anew."""
    harmless = {"AWS::S3::BucketPolicy", "AWS::ECS::TaskDefinition", "AWS::CloudFormation::Stack"}
    kept = {
        resource["Type"]
        for system in REFERENCES
        for template in rendered(system).templates.values()
        for resource in template["Resources"].values()
        if "DeletionPolicy" in resource
    }
    assert len(kept) > 3
    for kind in kept - harmless:
        assert POLICY.refusals([change(kind, "delete")], "production"), kind


@pytest.mark.parametrize(
    ("kind", "action", "asks"),
    [
        ("AWS::ECS::TaskDefinition", "replace", False),
        ("AWS::Logs::LogGroup", "modify", False),
        ("AWS::IAM::Role", "add", True),
        ("AWS::KMS::Key", "delete", True),
    ],
)
def test_what_says_who_may_do_what_or_is_worse_asks_for_attention(
    kind: str, action: Action, asks: bool
) -> None:
    harmless = change("AWS::ECS::Service", "modify")
    assert POLICY.ask_for_attention([harmless, change(kind, action)]) is asks


@pytest.mark.parametrize("command", ["deploy", "destroy", "diff", "plan", "restart", "rollback"])
def test_a_mistake_in_the_projects_rules_is_told_before_anything_is_asked(
    command: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "policy.yaml").write_text("rules: [")
    nobody = ["--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1"]
    image = ["--image", "api-gateway=v1"] if command in {"deploy", "plan"} else []

    assert main([command, "gateway", "dev", *nobody, *image]) == 2
    assert "policy.yaml is no YAML" in capsys.readouterr().err
