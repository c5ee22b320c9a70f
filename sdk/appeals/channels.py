"""The channels by which an appeal comes in, and who may enter by which. `channels.yml` has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marshmallow import Schema, fields, post_load, validate

from appeals.errors import Refused
from appeals.settings import from_yaml

CHANNELS_FILE = Path(__file__).with_name("channels.yml")


class UnknownChannel(Refused):
    """Raised when an appeal comes by a channel that is on no list."""

    status = 422
    field = "channel"
    zh = "没有“{channel}”这一诉求渠道，可选：{known}"
    en = "There is no channel {channel!r}; there are: {known}"


class ChannelNotYours(Refused):
    """Raised when somebody enters an appeal by a channel that is not theirs."""

    status = 403
    field = "channel"
    zh = "您不能以“{zh}”渠道登记诉求；企业和群众自行提交的，请使用线上门户"
    en = "You may not enter appeals by the channel “{en}”; whoever writes themselves uses the portal"


class OutsideReferenceNeeded(Refused):
    """Raised when another platform passes an appeal on without the number that it has there."""

    status = 422
    field = "outside_reference"
    zh = "“{zh}”渠道的诉求须填写原平台编号"
    en = "An appeal by the channel “{en}” needs the number that it has there"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A way in. `recorded` when somebody of the staff writes down or passes on what another says."""

    zh: str
    en: str
    who: tuple[str, ...]
    also: tuple[str, ...] = ()
    recorded: bool = False
    reference: bool = False


def channel_of(code: str, channels: Mapping[str, Channel]) -> Channel:
    """The channel of a code. Raises UnknownChannel."""
    if code not in channels:
        raise UnknownChannel(channel=code, known="、".join(f"{key} {one.zh}" for key, one in channels.items()))
    return channels[code]


def check_entry(code: str, roles: Collection[str], channels: Mapping[str, Channel]) -> None:
    """Whether somebody in these roles may enter an appeal by it. Raises UnknownChannel or ChannelNotYours."""
    channel = channel_of(code, channels)
    if not set(roles) & set(channel.who):
        raise ChannelNotYours(zh=channel.zh, en=channel.en)


def check_reference(code: str, outside_reference: str, channels: Mapping[str, Channel]) -> None:
    """Whether the number given elsewhere is there if it has to be. Raises UnknownChannel or OutsideReferenceNeeded."""
    channel = channel_of(code, channels)
    if channel.reference and not outside_reference.strip():
        raise OutsideReferenceNeeded(zh=channel.zh, en=channel.en)


def _names(**options) -> fields.List:
    return fields.List(fields.String(validate=validate.Length(1, 64)), **options)


class _ChannelSchema(Schema):
    zh = fields.String(required=True, validate=validate.Length(1, 64))
    en = fields.String(required=True, validate=validate.Length(1, 64))
    who = _names(required=True, validate=validate.Length(min=1))
    also = _names(load_default=list)
    recorded = fields.Boolean(load_default=False)
    reference = fields.Boolean(load_default=False)

    @post_load
    def make(self, values, **_) -> Channel:
        return Channel(**values | {"who": tuple(values["who"]), "also": tuple(values["also"])})


_CODE = fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9-]{1,31}$"))


class _ChannelsSchema(Schema):
    version = fields.String(required=True)
    staff, intake, everybody = (_names() for _ in range(3))  # lists of roles, to be named below them
    channels = fields.Dict(keys=_CODE, values=fields.Nested(_ChannelSchema), required=True)


@cache
def load_channels(path: Path = CHANNELS_FILE) -> Mapping[str, Channel]:
    """Read the channels by their codes. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _ChannelsSchema)["channels"]
