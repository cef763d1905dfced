"""A local AWS that really deploys nested CloudFormation stacks, for trying templates and for tests.

Needs the extra `local` (ministack, pinned). Nothing in the rest of the product imports it.
"""

from localaws.clients import LocalSession
from localaws.server import LocalAws

__all__ = ["LocalAws", "LocalSession"]
