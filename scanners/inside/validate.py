"""Run cloudformation-validate over the templates named on stdin; write what it finds to stdout.

That is a list of ``[template, rule, section, logical id, message]``.
"""

import json
import sys

from cloudformation_validate import CompositeEngine

SECTIONS = {"RESOURCE": "Resources", "PARAMETER": "Parameters", "OUTPUT": "Outputs"}

engine = CompositeEngine()
found = []
for name, path in json.load(sys.stdin).items():
    for one in engine.validate_template(path).diagnostics:
        entity = one.entity
        kind = "" if entity is None else entity.entity_type.name
        logical_id = "" if entity is None else entity.logical_id
        section = SECTIONS.get(kind, kind.capitalize())
        found.append([name, one.rule_id, section, logical_id or "", one.message])
json.dump(found, sys.stdout)
