"""Names as templates carry them."""

from typing import Final

MOST_OUTPUTS: Final = 170
"""Up to so many services have an output of the parent each, with the name of their ECS service. It
has up to 200 (CloudFormation User Guide, "Understand CloudFormation quotas"), some for others."""


def pascal(name: str) -> str:
    """Return ``name`` as a logical id: ``api-gateway``, ``api_gateway`` become ``ApiGateway``."""
    words = name.replace("_", "-").split("-")
    return "".join([word[:1].upper() + word[1:] for word in words])


def stack_of(service: str) -> str:
    """Return the logical id of a service's nested stack: ``ApiGatewayService``.

    Its end sets it apart from all else in the parent, whatever a service is called.
    """
    return f"{pascal(service)}Service"
