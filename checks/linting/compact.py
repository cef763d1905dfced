"""JSON as digests are made of."""

import json
from collections.abc import Callable

compact: Callable[[object], str] = json.JSONEncoder(separators=(",", ":")).encode
"""Return JSON without blanks."""
