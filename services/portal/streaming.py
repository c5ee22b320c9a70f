"""Streaming: a timeline that grows while somebody looks on, as server-sent events.

A stream holds no connection to the database while it waits. At each look it is asked again who it is for and whether
they may still see the appeal; when not, it ends. It ends by itself after some minutes, so that whoever is still there
comes again, with the number of the last entry that they have had (`Last-Event-ID`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from flask import Blueprint, Request, Response, g, request

from services.portal import views
from services.portal.doors import Doors
from services.portal.kin import named_in, visible_among
from services.portal.problems import TOO_MANY_STREAMS, NotDone, bad_header
from services.portal.rights import Principal, readable

LAST = "Last-Event-ID"
MEDIA_TYPE = "text/event-stream"
LONGEST_NUMBER = 9


def streaming(doors: Doors, look: Callable, prefix: str) -> Blueprint:
    """The door; `look(doors, written)` is who asks and the appeal, if they may see it."""
    routes = Blueprint("streaming", __name__, url_prefix=f"{prefix}/appeals/<written>")

    @routes.get("/stream")
    def stream(written: str) -> Response:
        """What happened to an appeal since an entry of its timeline, and what happens from now on."""
        principal, row = look(doors, written)
        after = _last_seen(request)
        who = f"{principal.role}:{principal.name}:{principal.receipt}"
        if not doors.streams.take(who):
            raise NotDone(TOO_MANY_STREAMS)
        asked = request._get_current_object()  # it is looked at again when this function is long over
        told = _tell(doors, asked, row.receipt, after, g.language)
        response = Response(told, content_type=f"{MEDIA_TYPE}; charset=utf-8", headers={"X-Accel-Buffering": "no"})
        response.call_on_close(lambda: doors.streams.give_back(who))
        return response

    return routes


def _tell(doors: Doors, asked: Request, receipt: str, after: int, language: str) -> Iterator[str]:
    """The text of a stream, piece by piece, until its time is up or what is told is not theirs to see any more."""
    streams = doors.streams
    began = told_at = streams.seconds()
    yield f"retry: {1000 * streams.retry_seconds}\n\n"
    while seen := _seen(doors, asked, receipt):
        principal, count = seen
        if count > after:
            for number, entry in _entries(doors, principal, receipt, after, language):
                after, told_at = number, streams.seconds()
                if entry:
                    yield f"id: {number}\nevent: {entry['event']}\ndata: {json.dumps(entry, ensure_ascii=False)}\n\n"
        if streams.ending or streams.seconds() - began >= streams.lasting_seconds:
            return
        if streams.seconds() - told_at >= streams.heartbeat_seconds:
            told_at = streams.seconds()
            yield ": still here\n\n"
        streams.pause(streams.look_seconds)


def _seen(doors: Doors, asked: Request, receipt: str) -> tuple[Principal, int] | None:
    """Who looks, and how many entries there are by now; nothing when they may not look any more."""
    try:
        principal = doors.gate.reader(asked, receipt, again=True)
    except NotDone:
        return None
    row = doors.reads.appeal(receipt, readable(principal))
    return (principal, row.events) if row else None


def _entries(
    doors: Doors, principal: Principal, receipt: str, after: int, language: str
) -> Iterator[tuple[int, dict | None]]:
    """The entries after a number, with nothing where one is not for this reader."""
    entries = doors.reads.timeline(receipt, after=after)
    visible = visible_among({one for entry in entries for one in named_in(entry.data)}, principal, doors.reads)
    for entry in entries:
        shown = views.timeline(receipt, [entry], principal, language, doors.names, visible)["timeline"]
        yield entry.number, shown[0] if shown else None


def _last_seen(asked: Request) -> int:
    """The entry that the client has had last. Raises NotDone."""
    written = asked.headers.get(LAST, "0")
    if not (written.isascii() and written.isdigit() and len(written) <= LONGEST_NUMBER):
        raise NotDone(
            bad_header(LAST, ("时间线中条目的序号，如 12", "the number of an entry of the timeline, such as 12"))
        )
    return int(written)
