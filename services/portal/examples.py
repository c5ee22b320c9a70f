"""Examples: a value that fits a JSON schema, for people to begin with."""

from __future__ import annotations

from collections.abc import Mapping

from appeals.credit_code import EXAMPLE

NAMED = {  # by the field's name, since a name means the same everywhere
    "title": "申报成立化工产业园区，请协调支持",
    "text": "为引进产业链，需要申报成立化工产业园区，希望协调省工信厅给予支持。",
    "name": "朝阳高新技术产业开发区",
    "reason": "材料不全",
    "receipt": "SQ-20261124-K7M2QX",
    "uscc": EXAMPLE,
    "city": "朝阳市",
    "lead": "industry",
    "department": "industry",
    "period": "2026-11",
    "sha256": "9f" * 32,
    "authorisation": "9f" * 32,
    "phone": "13800000000",
}
BY_FORMAT = {"date-time": "2026-11-24T09:00:00+00:00", "date": "2026-11-24"}


def example_of(schema: Mapping, schemas: Mapping, name: str = "") -> object:
    """A value; `schemas` are those that a schema refers to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas, name)
    if "examples" in schema:
        return schema["examples"][0]
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        return {inner: example_of(one, schemas, inner) for inner, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, name)]
    return _plain(schema, kind, name)


def _plain(schema: Mapping, kind: str, name: str) -> object:
    if "enum" in schema:
        return schema.get("default") or schema["enum"][0]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return schema.get("default", schema.get("minimum", 1))
    return BY_FORMAT.get(schema.get("format", "")) or schema.get("default") or NAMED.get(name, "…")
