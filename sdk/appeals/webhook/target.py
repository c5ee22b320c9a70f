"""Where an agency takes its events by HTTP: the block `webhook` of its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates, validates_schema

SECONDS = 10.0
MOST_SECONDS = 30.0  # the broker's heartbeats are not answered meanwhile


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """The receiver's address, whether it may be one of our own networks, and the seconds for a whole request."""

    url: str
    allow_private: bool = False
    timeout: float = SECONDS

    @property
    def is_https(self) -> bool:
        """Whether it is reached by TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        """The host's name or address, as its certificate names it."""
        return urlsplit(self.url).hostname

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self.url).port or (443 if self.is_https else 80)

    @property
    def authority(self) -> str:
        """Host and port as the URL writes them, for the header Host."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """Path and query."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class WebhookSchema(Schema):
    """How the block is written."""

    url = fields.String(required=True, validate=validate.Regexp(r"^[!-~]+$", error="ASCII without spaces was expected"))
    allow_private = fields.Boolean(load_default=False)
    timeout = fields.Float(load_default=SECONDS, validate=validate.Range(min=0, max=MOST_SECONDS, min_inclusive=False))

    @validates("url")
    def check_url(self, url: str, **_) -> None:
        """A host, and nothing secret or without meaning in the URL."""
        try:
            parts = urlsplit(url)
            well_formed = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            well_formed = False
        if not well_formed:
            raise ValidationError("a URL such as https://agency.example/appeals was expected")
        if "@" in parts.netloc or parts.fragment:
            raise ValidationError("may hold no user, password or fragment")

    @validates_schema
    def check_encryption(self, values: dict, **_) -> None:
        """Citizens' words travel encrypted, except within our own networks."""
        if values["url"].startswith("http:") and not values["allow_private"]:
            raise ValidationError("https was expected; http only with allow_private", "url")

    @post_load
    def make(self, values: dict, **_) -> Webhook:
        return Webhook(**values)
