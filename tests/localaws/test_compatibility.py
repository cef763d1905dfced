"""The local AWS is one exact ministack, and nothing of it is left half replaced."""

import configparser
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from localaws import LocalAws, compatibility, emulator, extension

# The functions of ministack that no module of it may still use: ours stand in their place.
ORIGINALS = {
    "_add_event": emulator.add_event,
    "_create_namespace_record": emulator.create_namespace,
    "_deploy_stack_async": emulator.deploy_stack,
    "_evaluate_conditions": emulator.evaluate_conditions,
    "_ec2_subnet_zone": emulator.ec2_subnet_zone,
    "_parse_ip_permissions": emulator.ec2_permissions,
    "_put_metric_alarm": emulator.put_alarm,
    "_property_recreation": emulator.property_recreation,
    "_resolve_document": emulator.resolve_document,
    "_resolve_parameters": emulator.resolve_parameters,
    "_resolve_props_for_diff": emulator.resolved_for_diff,
    "_subscribe": emulator.subscribe,
    "_update_resource": emulator.update_resource,
    "_vpce_fields_xml": emulator.ec2_endpoint,
    "validate_template_support": emulator.validate_template,
}
# Modules that define a function, and reach it only through a module where ours stands.
DEFINED_ONLY = {("stacks", "_deploy_stack_async")}


def test_the_package_asks_for_the_version_that_it_extends() -> None:
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parents[2] / "setup.cfg")
    extra = setup["options.extras_require"]["local"].split()
    assert f"ministack=={compatibility.MINISTACK_VERSION}" in extra


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compatibility, "version", lambda _name: "1.5.34")
    with pytest.raises(compatibility.UnsupportedEmulatorError, match=r"1\.5\.34 is installed"):
        compatibility.require_pinned_ministack()


def test_a_missing_ministack_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(compatibility, "version", missing)
    with pytest.raises(compatibility.UnsupportedEmulatorError, match="pip install"):
        compatibility.require_pinned_ministack()


def test_a_function_that_is_not_there_can_not_be_replaced() -> None:
    with pytest.raises(AttributeError, match="_not_there"):
        emulator.replace("_not_there", print, emulator.stacks)


@pytest.mark.usefixtures("local_aws")
@pytest.mark.parametrize("name", ORIGINALS)
def test_no_module_of_ministack_keeps_a_function_that_was_replaced(name: str) -> None:
    holders = {
        module_name.rpartition(".")[2]: getattr(module, name)
        for module_name, module in list(sys.modules.items())
        if module_name.startswith("ministack.services.") and name in vars(module)
    }
    still = {(module, name) for module, found in holders.items() if found is ORIGINALS[name]}
    assert still <= DEFINED_ONLY
    assert any(found.__module__.startswith("localaws") for found in holders.values())


def test_importing_it_leaves_the_root_logger_alone() -> None:
    program = (
        "import logging; before = list(logging.getLogger().handlers); import localaws.emulator; "
        "assert logging.getLogger().handlers == before; "
        "assert logging.getLogger().level == logging.WARNING"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603


def test_is_extended_once_however_often_it_is_started(local_aws: LocalAws) -> None:
    before = dict(emulator.actions)
    extension.install(enforce_iam=True)
    with LocalAws() as second:
        assert second.endpoint_url != local_aws.endpoint_url
    assert dict(emulator.actions) == before
