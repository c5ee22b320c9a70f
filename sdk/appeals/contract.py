"""The contract gate: refuses a change of an event that an older reader or an older message could not live with.

    python -m appeals.contract              compare the code with the released schemas; status 1 when something breaks
    python -m appeals.contract --release    write the schemas of the code down as released, unless something breaks

A released schema is a promise. Departments run older software than ours, in both directions: they read what we say now,
and what they said, or we said long ago, still waits in a queue or stands in a journal. So nothing that was always there
may be missing, nothing new may have to be there, and what a field holds stays as it was. What is not released yet is
free to change. A version is given up by taking its released schema away, together with `older` of the next one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from appeals.events import Event
from appeals.json_schema import kind, message_schema, name_of
from appeals.samples import event_classes

SCHEMAS = Path(__file__).with_name("schemas")

# What only explains, and what is compared in a way of its own; any other word of JSON Schema has to stay as it is.
EXPLAINS = {"$schema", "title", "description", "examples"}
APART = {"type", "format", "properties", "required", "default", "enum", "x-tells", "x-tells-core", "x-departments-say"}


def breaks(released: Mapping, proposed: Mapping) -> list[str]:
    """What in the proposed JSON Schema of an event breaks the released one, each in a line that names the field."""
    return [*_audience(released, proposed), *_value("", released, proposed)]


def breaks_of_all(released: Mapping[str, dict], proposed: Mapping[str, dict]) -> list[str]:
    """As `breaks`, for all events by name and version, as in `order.signed.v1`; none may be gone."""
    found = []
    for name, schema in released.items():
        if name in proposed:
            found += [f"{name}: {told}" for told in breaks(schema, proposed[name])]
        else:
            found.append(f"{name} is no longer said and read; older readers and older messages know only that version")
    return found


def released_schemas(folder: Path = SCHEMAS) -> dict[str, dict]:
    """The schemas that were released, by the events' names and versions."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def proposed_schemas(events: Iterable[type[Event]] | None = None) -> dict[str, dict]:
    """The schemas of what the code says and reads, by the events' names and versions; of all events by default.

    An older version counts as long as the next one says how it is told in it (`older`) and made from it (`from_older`).
    """
    known = {(event.topic, event.version): event for event in events or event_classes()}
    return {
        name_of(event): message_schema(event)
        for (topic, version), event in known.items()
        if _converts(known.get((topic, version + 1)))
    }


def _converts(newer: type[Event] | None) -> bool:
    return newer is None or (
        newer.older is not Event.older and newer.from_older.__func__ is not Event.from_older.__func__
    )


def _audience(released: Mapping, proposed: Mapping) -> Iterator[str]:
    """Whoever was told is told still, and a department may say what it might say."""
    was, now = released.get("x-tells"), proposed.get("x-tells")
    if was and was != now:
        told = f"those in `{now}` now" if now else "nobody now"
        yield f"it was told to the departments in `{was}`, and is told to {told}; they would miss it"
    if released.get("x-tells-core") and not proposed.get("x-tells-core"):
        yield "the platform was told it and is told no longer; its services would miss it"
    if released.get("x-departments-say") and not proposed.get("x-departments-say"):
        yield "departments might say it and may no longer; what they say would be refused"


def _value(path: str, released: Mapping, proposed: Mapping) -> Iterator[str]:
    """What has changed about one value, and about all that is in it."""
    was, now = kind(released), kind(proposed)
    if was != now:
        yield f"{path} was {was} and is {now} now; older readers and older messages keep to {was}"
        return
    yield from _codes(path, released.get("enum"), proposed.get("enum"))
    for word in sorted((released.keys() | proposed.keys()) - EXPLAINS - APART):
        before, after = released.get(word), proposed.get(word)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _value(f"{path}[]" if word == "items" else f"{path}.*", before, after)
        elif before != after:
            yield f"{path or 'the message'}: {word} was {_told(before)} and is {_told(after)} now"
    yield from _fields(path, released, proposed)


def _codes(path: str, released: list | None, proposed: list | None) -> Iterator[str]:
    if released is None or proposed is None:
        if released != proposed:
            yield f"{path} held {_codes_told(released)} and holds {_codes_told(proposed)} now"
        return
    for code in proposed:
        if code not in released:
            yield f"{path} may be {_told(code)} now; an older reader does not know it"
    for code in released:
        if code not in proposed:
            yield f"{path} may no longer be {_told(code)}; older messages say it"


def _fields(path: str, released: Mapping, proposed: Mapping) -> Iterator[str]:
    """Fields that are gone, that must or need not be there, and that are new."""
    before, after = released.get("properties", {}), proposed.get("properties", {})
    must_before, must_after = set(released.get("required", ())), set(proposed.get("required", ()))
    for name in {**before, **after}:
        field = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield f"{field} is gone; older readers look for it, and what older messages say in it would be lost"
        elif name not in before:
            if name in must_after:
                yield f"{field} is new and has to be there; older messages do not have it"
        elif name in must_before - must_after:
            yield f"{field} had to be there and may be missing now; an older reader refuses a message without it"
        elif name in must_after - must_before:
            yield f"{field} might be missing and has to be there now; an older message without it would be refused"
        elif before[name].get("default") != after[name].get("default"):
            was, now = _told(before[name].get("default")), _told(after[name].get("default"))
            yield f"{field} meant {was} when it was missing and means {now} now; older messages would change"
        if name in before and name in after:
            yield from _value(field, before[name], after[name])


def _told(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _codes_told(codes: list | None) -> str:
    return "any value" if codes is None else f"one of {', '.join(map(_told, codes))}"


def main(*, release: bool = False, folder: Path = SCHEMAS) -> int:
    """Run the gate, or release; tells on standard output, and returns the exit status."""
    released, proposed = released_schemas(folder), proposed_schemas()
    if found := breaks_of_all(released, proposed):
        sys.stdout.write("".join(f"{line}\n" for line in found))
        return 1
    changed = [name for name, schema in proposed.items() if schema != released.get(name)]
    if release:
        folder.mkdir(exist_ok=True)
        for name in changed:
            text = json.dumps(proposed[name], ensure_ascii=False, indent=1)
            (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    for name in changed:
        sys.stdout.write(f"{name} {'is released' if release else 'has grown or is new, and is not released yet'}\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compare the events with what was released.")
    parser.add_argument("--release", action="store_true", help="write down as released what does not break")
    sys.exit(main(release=parser.parse_args().release))
