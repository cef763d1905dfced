"""A small set of what scanners are shown."""

from pathlib import Path

from checks.rendering import Rendering
from scanners.findings import Form
from scanners.subjects import Policy, Subjects, Template, merged, raw
from tests.checks.templates import a_pair, rendering


def shop() -> Rendering:
    """A parent and a child."""
    return rendering(a_pair())


def shown(folder: Path) -> Subjects:
    """The templates of the shop, raw and merged, with a policy of its topic."""
    one = merged(shop(), "dev", {"Suffix": "dev"})
    templates: list[Template] = [*raw(shop()), one]
    return Subjects(folder, templates, [Policy(one, "ChildTopic", {"Statement": []})])


def file(form: Form, name: str) -> str:
    """The name of a template of the shop."""
    return f"{form}/{shop().folder}/{name}.json"
