"""Names as templates carry them."""

import re


def pascal(name: str) -> str:
    """Return ``name`` as a logical id: ``api-gateway``, ``api_gateway`` become ``ApiGateway``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]", name))


def stack_of(service: str) -> str:
    """Return the logical id of a service's nested stack: ``ApiGatewayService``.

    Its end sets it apart from all else in the parent, whatever a service is called.
    """
    return f"{pascal(service)}Service"
