"""The vocabulary in which the model is written: sections, kinds of text, rules over fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from description.shards import MOST

MEANINGS: dict[str, str] = {}
"""Each pattern of the model in words."""


class Section(BaseModel):
    """A part of a description: immutable, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def matching(pattern: str, meaning: str, max_length: int | None = None) -> Any:
    """Return the constraint of a text to a regular expression.

    ``meaning`` says in words what the pattern allows, for people who break it. ``max_length`` is in
    characters.
    """
    MEANINGS[pattern] = meaning
    return Field(
        pattern=pattern, max_length=max_length, json_schema_extra={"patternErrorMessage": meaning}
    )


@dataclass(frozen=True)
class OneOf:
    """The constraint of a number to certain values."""

    values: tuple[int, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return a schema that checks the number."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return a JSON Schema with the values."""
        return {**handler(schema), "enum": list(self.values)}

    def _check(self, value: int) -> int:
        if value not in self.values:
            raise broken("is not offered", allowed=listed(self.values))
        return value


def broken(problem: str, *fields: str, allowed: str) -> PydanticCustomError:
    """Return the error of a rule that a value, or several fields of a section together, break.

    ``fields`` are the fields of the section that the rule reads, the one to change first.
    """
    return PydanticCustomError(
        "broken",
        "{problem}; allowed: {allowed}",
        {"problem": problem, "fields": fields, "allowed": allowed},
    )


def listed(values: Iterable[object], last: str = " or ") -> str:
    """Return the values as people list them: ``1, 2 or 3``."""
    words = [str(value) for value in values]
    return last.join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


Name = Annotated[
    str,
    matching(
        r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        "lower-case letters, digits and single hyphens, beginning with a letter",
        max_length=32,
    ),
]
"""A name as it appears in resource names and DNS."""

EnvName = Annotated[
    str,
    matching(
        r"^[A-Z_][A-Z0-9_]*$", "capital letters, digits and underscores: DB_HOST", max_length=128
    ),
]
"""The name of an environment variable."""

Percent = Annotated[int, Field(ge=1, le=100)]
Port = Annotated[int, Field(ge=1, le=65535)]
Shard = Annotated[int, Field(ge=1, le=MOST)]
Seconds = Annotated[int, Field(ge=0, le=3600)]
