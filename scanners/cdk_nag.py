"""cdk-nag, by AWS, with its packs for AWS Solutions and PCI DSS 3.2.1."""

import json
from collections.abc import Iterator

from scanners.findings import Finding
from scanners.scanner import INSIDE, Installed, Scanner, npm_version
from scanners.subjects import Subjects, Template

NAME = "cdk-nag"


def command(installed: Installed, _: Subjects) -> list[str]:
    """Return how it is called."""
    return [installed.node, str(INSIDE / "nag.js")]


def stdin(subjects: Subjects) -> str:
    """Return what it is to read: each parent with all that is nested in it, each merged one."""
    nested = {child for template in subjects.templates for child in template.children.values()}

    def included(template: Template) -> dict[str, object]:
        return {
            "templateFile": str(subjects.path(template)),
            "loadNestedStacks": {
                name: included(subjects.named(child)) for name, child in template.children.items()
            },
        }

    return json.dumps(
        {one.name: included(one) for one in subjects.templates if one.name not in nested}
    )


def parse(output: str, subjects: Subjects) -> Iterator[Finding]:
    """Yield what it found; of stacks that are nested, under the template of their parent."""
    for name, rule, path, message in json.loads(output):
        template = subjects.named(name)
        # A nested stack is there twice: as itself and as what includes its template.
        *stacks, logical_id = path
        address = "/".join([*stacks[::2], logical_id])
        yield template.finding(
            NAME, rule, template.addresses.get(address, address), message.partition(". ")[0]
        )


SCANNER = Scanner(
    name=NAME,
    version=npm_version("cdk-nag"),
    command=command,
    parse=parse,
    canary=frozenset({"AwsSolutions-VPC7", "PCI.DSS.321-CloudWatchLogGroupEncrypted"}),
    stdin=stdin,
)
