"""Reads the dispatch catalogue, 派单目录."""

from pathlib import Path

from marshmallow import Schema, fields, post_load

from appeals.settings import from_yaml
from services.routing.domain import Rule


class _RuleSchema(Schema):
    name = fields.String(required=True)
    department = fields.String(required=True)
    assist = fields.List(fields.String(), load_default=())
    categories = fields.List(fields.String(), load_default=())
    keywords = fields.List(fields.String(), load_default=())
    requirement = fields.String(load_default="")
    task_force = fields.Boolean(load_default=False)

    @post_load
    def make(self, values, **_):
        lists = {name: tuple(values[name]) for name in ("assist", "categories", "keywords")}
        return Rule(**(values | lists))


class _CatalogueSchema(Schema):
    version = fields.String(required=True)
    rules = fields.List(fields.Nested(_RuleSchema), required=True)


def load_catalogue(path: Path) -> list[Rule]:
    """The rules, in the order in which they are written. Raises WrongSettings."""
    return from_yaml(path, _CatalogueSchema)["rules"]
