"""Run parliament over the policies given on stdin as a list; write what it finds to stdout.

That is a list of ``[index of the policy, rule, message]``.
"""

import json
import sys

import parliament

found = []
for index, document in enumerate(json.load(sys.stdin)):
    for one in parliament.analyze_policy_string(json.dumps(document)).findings:
        known = parliament.enhance_finding(one)
        detail = f": {known.detail}" if known.detail else ""
        found.append([index, known.issue, f"{known.title}{detail}"])
json.dump(found, sys.stdout)
