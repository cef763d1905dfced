"""The contract between a stack and those nested in it, checked without cfn-lint.

Reasons: a parameter or output that exists on one side only fails in AWS, after the stacks before
it were made; an output that nobody reads hides that a wire is missing. Exports tie stacks together
so that neither can change. A transform, or an ``Fn::Select`` on a value that is not known yet,
breaks nested change sets, in which another stack's outputs are placeholders.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from checks.findings import Finding, at
from checks.rendering import Node, Path, Rendering, nested
from checks.walk import Objects, objects

PARENT = "parent.json"
_FUNCTIONS = frozenset(
    {"Fn::GetAtt", "Fn::ImportValue", "Fn::Select", "Fn::Sub", "Fn::Transform", "Ref"}
)
_Hit = tuple[Path, str, str]
"""A path, a rule and a message."""


def check(system: Rendering) -> list[Finding]:
    """Return where the templates of ``system`` do not fit together."""
    inside = {name: _functions(template) for name, template in system.templates.items()}
    found = [
        Finding(system.file(name), at(path), rule, message)
        for name, template in system.templates.items()
        for path, rule, message in (
            *edges(template, inside[name], system.templates),
            *forbidden(template, inside[name], is_child=name != PARENT),
        )
    ]
    found += [
        Finding(system.file(name), at(path), "E9207", message)
        for name, path, message in selected_outputs(system.templates, inside)
    ]
    used = [url for template in system.templates.values() for _, _, url in nested(template)]
    found += [
        Finding(system.file(name), "", "E9209", "no template nests this one")
        for name in system.templates
        if name not in used and name != PARENT
    ]
    return found


def _functions(value: Any) -> Objects:
    """Return the calls of functions in ``value`` that matter here."""
    return [found for found in objects(value) if not _FUNCTIONS.isdisjoint(found[1])]


def edges(template: Node, inside: Objects, templates: Mapping[str, Node]) -> Iterator[_Hit]:
    """Yield what is wrong between ``template`` and those nested in it; ``inside`` are the calls of
    functions in it.
    """
    read = set(outputs_read(inside))
    known = {(stack, output) for stack, output, _ in read}
    stacks = {}
    for stack, properties, url in nested(template):
        here: Path = ("Resources", stack, "Properties")
        child = templates.get(url) if isinstance(url, str) else None
        if child is None:
            message = f"must be the name of a template beside this one, found {url!r}"
            yield (*here, "TemplateURL"), "E9208", message
            continue
        stacks[stack] = child
        takes, gives = child.get("Parameters", {}), properties.get("Parameters", {})
        for name in gives.keys() - takes.keys():
            yield (*here, "Parameters", name), "E9201", f"{url} has no parameter {name}"
        for name in takes.keys() - gives.keys():
            if "Default" not in takes[name]:
                yield (*here, "Parameters"), "E9202", f"{url} needs the parameter {name}"
        for name in child.get("Outputs", {}):
            if (stack, name) not in known:
                message = f"nobody reads the output {name} of {url}"
                yield ("Resources", stack), "E9204", message
    for stack, name, path in read:
        if stack in stacks and name not in stacks[stack].get("Outputs", {}):
            yield path, "E9203", f"the stack {stack} has no output {name}"


def outputs_read(inside: Objects) -> Iterator[tuple[str, str, Path]]:
    """Yield stack, output and path of each nested stack's output that functions read."""
    for path, node in inside:
        target = node.get("Fn::GetAtt")
        if isinstance(target, str):
            target = target.split(".", 1)
        if isinstance(target, list) and len(target) == 2 and isinstance(target[1], str):
            stack, attribute = target
            if attribute.startswith("Outputs."):
                yield stack, attribute.removeprefix("Outputs."), path
        text = node.get("Fn::Sub")
        for name in _placeholders(text[0] if isinstance(text, list) and text else text):
            stack, _, attribute = name.partition(".")
            if attribute.startswith("Outputs."):
                yield stack, attribute.removeprefix("Outputs."), path


def forbidden(template: Node, inside: Objects, *, is_child: bool) -> Iterator[_Hit]:
    """Yield what no template, or no nested one, may contain; ``inside`` are the calls of functions
    in it.
    """
    for name, output in template.get("Outputs", {}).items():
        if is_child and "Export" in output:
            message = "a nested stack exports nothing: its parent passes values on"
            yield ("Outputs", name, "Export"), "E9205", message
    for name, parameter in template.get("Parameters", {}).items():
        if is_child and "Default" in parameter:
            message = "remove it: with a default nobody notices that a value is not passed on"
            yield ("Parameters", name, "Default"), "E9210", message
    for path, node in inside:
        if "Fn::ImportValue" in node:
            message = "take the value as a parameter: an import locks the stack that exports it"
            yield path, "E9205", message
        if "Fn::Transform" in node:
            yield path, "E9206", "nested change sets cannot show what a transform will make"
    if "Transform" in template:
        message = "nested change sets cannot show what a transform will make"
        yield ("Transform",), "E9206", message


def selected_outputs(
    templates: Mapping[str, Node], inside: Mapping[str, Objects]
) -> Iterator[tuple[str, Path, str]]:
    """Yield the template, path and message of each ``Fn::Select`` on another stack's output, among
    the calls of functions ``inside`` each template.

    An output reaches a template directly by ``Fn::GetAtt`` or through its parameters, over any
    number of stacks.
    """
    carriers = output_parameters(templates)
    for name in templates:
        for path, node in inside[name]:
            if isinstance(node.get("Fn::Select"), list):
                source = _functions(node["Fn::Select"][1:])
                if carries_output(source, carriers.get(name, set())):
                    message = "another stack's output is not known in a change set: select it there"
                    yield name, path, message


def output_parameters(templates: Mapping[str, Node]) -> dict[str, set[str]]:
    """Return for each template its parameters whose values come from another stack's outputs."""
    carriers: dict[str, set[str]] = {}
    open_ = [
        (name, url, parameter, _functions(value))
        for name, template in templates.items()
        for _, properties, url in nested(template)
        if isinstance(url, str)
        for parameter, value in properties.get("Parameters", {}).items()
    ]
    found = True
    while found:
        found = False
        for name, url, parameter, inside in open_:
            if carries_output(inside, carriers.get(name, set())):
                carriers.setdefault(url, set()).add(parameter)
                found = True
        open_ = [one for one in open_ if one[2] not in carriers.get(one[1], ())]
    return carriers


def carries_output(inside: Objects, parameters: set[str]) -> bool:
    """Return whether one of the functions ``inside`` a value reads an output, or one of
    ``parameters``.
    """
    if next(outputs_read(inside), None) is not None:
        return True
    for _, node in inside:
        text = node.get("Fn::Sub")
        names = _placeholders(text[0] if isinstance(text, list) and text else text)
        if node.get("Ref") in parameters or any(name in parameters for name in names):
            return True
    return False


def _placeholders(text: object) -> list[str]:
    """Return the names in a ``Fn::Sub`` text."""
    if not isinstance(text, str):
        return []
    return [part.split("}", 1)[0] for part in text.split("${")[1:] if not part.startswith("!")]
