"""Evidence: what an auditor asks for, worked out from the resolved system of one environment.

Requirements of PCI DSS v4.0.1, the controls that meet them, the property of each resource that
shows it, and the checks that would have found it otherwise; who talks to whom, what is encrypted
with which key, what each role may do. Nothing in it is written by hand but the controls themselves.
"""

from checks.evidence.pack import Pack, pack, packs
from checks.evidence.page import as_html, as_json

__all__ = ["Pack", "as_html", "as_json", "pack", "packs"]
