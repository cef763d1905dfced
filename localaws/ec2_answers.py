"""How EC2's calls carry values and answers: XML, and an error as a code with a message."""

from xml.sax.saxutils import escape

from localaws.emulator import Parameters, Response

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


def one(parameters: Parameters, name: str) -> str:
    """Return a single value of a request, or "" if it is not there."""
    return (parameters.get(name) or [""])[0]


def several(parameters: Parameters, name: str) -> list[str]:
    """Return the values of a list in a request."""
    return [value[0] for key, value in parameters.items() if key.startswith(f"{name}.")]


def answer(operation: str, inner: str) -> Response:
    """Return the answer of an operation around its XML elements."""
    body = f'<{operation}Response xmlns="{_NAMESPACE}">{inner}</{operation}Response>'
    return 200, {"Content-Type": "text/xml"}, body.encode()


def refusal(code: str, message: str) -> Response:
    """Return the answer that refuses a request."""
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        "</Error></Errors><RequestID>local</RequestID></Response>"
    )
    return 400, {"Content-Type": "text/xml"}, body.encode()


def elements(values: dict[str, str]) -> str:
    """Return an XML element for each value that says something."""
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items() if value)
