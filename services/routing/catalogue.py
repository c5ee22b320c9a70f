"""Reads the dispatch catalogue, 派单目录."""

from __future__ import annotations

from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.categories import CATEGORIES
from appeals.regimes import load_regimes
from appeals.settings import from_yaml
from appeals.units import Units
from services.routing.places import Places
from services.routing.rules import Catalogue, Points, Rule
from services.routing.wording import Word

CATALOGUE = Path(__file__).with_name("catalogue.yml")
MOST_POINTS = 100


class _WordField(fields.String):
    """A word, with `…` for a gap and `|` between choices."""

    def _deserialize(self, value, attr, data, **options) -> Word:
        try:
            return Word(super()._deserialize(value, attr, data, **options))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class _PointsSchema(Schema):
    keyword = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_POINTS))
    hint = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_POINTS))
    title = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_POINTS))
    category = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_POINTS))
    least = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_POINTS))
    margin = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_POINTS))
    source = fields.String(required=True, validate=validate.Length(1))

    @post_load
    def make(self, values, **_) -> Points:
        values.pop("source")
        return Points(**values)


class _PlacesSchema(Schema):
    institutions = fields.List(fields.String(validate=validate.Length(2)), load_default=())
    beside = fields.List(fields.String(validate=validate.Length(2)), load_default=())
    before = fields.List(fields.String(validate=validate.Length(2)), load_default=())

    @post_load
    def make(self, values, **_) -> Places:
        return Places(**{name: tuple(value) for name, value in values.items()})


def _rule_schema(units: Units) -> type[Schema]:
    known = validate.OneOf([unit.code for unit in units], error="{input} is not in the tree of units")
    category = validate.OneOf(CATEGORIES, error="{input} is no category of appeals")
    city = validate.OneOf(units.cities, error="{input} has no government in the tree of units")

    def words() -> fields.List:
        return fields.List(_WordField(), load_default=())

    class RuleSchema(Schema):
        name = fields.String(required=True, validate=validate.Length(1, 100))
        lead = fields.String(required=True, validate=known)
        assist = fields.List(fields.String(validate=known), load_default=())
        categories = fields.List(fields.String(validate=category), load_default=())
        keywords = words()
        en = words()
        hints = words()
        all_of = words()
        excluded = words()
        areas = fields.List(fields.String(validate=city), load_default=())
        except_areas = fields.List(fields.String(validate=city), load_default=())
        requirement = fields.String(load_default="", validate=validate.Length(max=2000))
        regime = fields.String(
            load_default="", validate=validate.OneOf(["", *(one.code for one in load_regimes().all)])
        )
        precedes = fields.Boolean(load_default=False)
        task_force = fields.Boolean(load_default=False)
        source = fields.String(required=True, validate=validate.Length(1))

        @validates_schema(skip_on_field_errors=True)
        def check_hits(self, values, **_):
            """A rule that nothing can speak for would never fit."""
            if not values["keywords"] and not values["en"] and not values["categories"]:
                raise ValidationError("a rule needs keywords or categories", "name")

        @post_load
        def make(self, values, **_) -> Rule:
            return Rule(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})

    return RuleSchema


def load_catalogue(path: Path, units: Units) -> Catalogue:
    """The catalogue in a file; every unit and city that it names has to be in the tree of units.

    Raises WrongSettings naming file, line and field.
    """

    class CatalogueSchema(Schema):
        version = fields.String(required=True, validate=validate.Length(1, 32))
        points = fields.Nested(_PointsSchema, required=True)
        places = fields.Nested(_PlacesSchema, load_default=Places)
        words = fields.Dict(load_default=dict)  # lists of words that rules share, by YAML anchors
        rules = fields.List(fields.Nested(_rule_schema(units)), required=True)

        @validates_schema(skip_on_field_errors=True)
        def check_names(self, values, **_):
            """A decision names its rule, so a name is one rule's only."""
            seen: set[str] = set()
            for number, rule in enumerate(values["rules"]):
                if rule.name in seen:
                    raise ValidationError({"rules": {number: {"name": ["stands twice in the catalogue"]}}})
                seen.add(rule.name)

        @post_load
        def make(self, values, **_) -> Catalogue:
            named = {name: values[name] for name in ("version", "points", "places")}
            return Catalogue(rules=tuple(values["rules"]), **named)

    return from_yaml(path, CatalogueSchema)
