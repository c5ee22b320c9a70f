"""What a broker has otherwise than the manifests say, one line for each, in the operator's words.

`+` is missing, `~` is different, `-` is too much, `!` cannot be mended by an import. Only what carries a
department's name is looked at; the platform's own things, and anybody else's, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from appeals.bus.topology import EVENTS
from appeals.provision.rendering import permission

RIGHTS = ("configure", "write", "read")
OF_A_DEPARTMENT = {
    "queues": re.compile(r"^(?:dept|inbox)\.([a-z0-9-]+)(?:\.|$)"),
    "policies": re.compile(r"^dept-([a-z0-9-]+)$"),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the manifests say.

    An import of `item` among the definitions' `kind` mends it; where there is none, `text` says what does.
    `revoked` are rights that have to be taken away instead, as user and virtual host.
    """

    text: str
    kind: str = ""
    item: dict | None = None
    revoked: tuple[str, str] | None = None


def differences(wanted: dict, actual: dict, codes: Iterable[str], vhost: str) -> list[Difference]:
    """Compare two sets of definitions; `codes` are the departments that there should be."""
    codes = set(codes)
    return [
        *_each("vhosts", wanted, actual, _named, lambda one: f"virtual host {one['name']}", _nothing),
        *_each("users", wanted, actual, _named, lambda one: f"user {one['name']}", _password),
        *_each("permissions", wanted, actual, _whose, _rights_in_words, _rights),
        *_elsewhere(actual, codes, vhost),
        *_each("policies", wanted, actual, _placed, _policy_in_words, _policy),
        *_each("exchanges", wanted, actual, _placed, lambda one: f"exchange {one['name']}", _exchange),
        *_each("queues", wanted, actual, _placed, lambda one: f"queue {one['name']}", _queue),
        *_each("bindings", wanted, actual, _ends, _binding_in_words, _nothing),
        *_bindings_of_nobody(wanted, actual, vhost),
        *(
            Difference(f"- department {code}, which has no manifest (retired? appeals provision --retire {code})")
            for code in sorted(departments_at(actual, vhost) - codes)
        ),
    ]


def departments_at(actual: dict, vhost: str) -> set[str]:
    """The codes of all departments of which the broker has anything: a user, a limit or a queue."""
    found = {one["user"] for one in actual["permissions"] if one == permission(one["user"], vhost)}
    for kind, pattern in OF_A_DEPARTMENT.items():
        named = [one["name"] for one in actual[kind] if one["vhost"] == vhost]
        found |= {match[1] for name in named if (match := pattern.match(name))}
    return found


def _each(
    kind: str,
    wanted: dict,
    actual: dict,
    key: Callable[[dict], tuple],
    in_words: Callable[[dict], str],
    compare: Callable[[dict, dict], str],
) -> Iterator[Difference]:
    """What is missing of one kind, or what `compare` finds; a finding with `!` cannot be imported."""
    there = {key(one): one for one in actual.get(kind, ())}
    for item in wanted.get(kind, ()):
        other = there.get(key(item))
        if other is None:
            yield Difference(f"+ {in_words(item)}", kind, item)
        elif found := compare(item, other):
            yield Difference(found) if found.startswith("!") else Difference(found, kind, item)


def _named(one: dict) -> tuple:
    return (one["name"],)


def _placed(one: dict) -> tuple:
    return (one["vhost"], one["name"])


def _whose(one: dict) -> tuple:
    return (one["vhost"], one["user"])


def _ends(one: dict) -> tuple:
    return tuple(one[name] for name in ("vhost", "source", "destination", "destination_type", "routing_key"))


def _nothing(item: dict, other: dict) -> str:
    return ""


def _password(item: dict, other: dict) -> str:
    same = item["password_hash"] == other["password_hash"]
    return "" if same else f"~ user {item['name']}: another password than in the file"


def _rights_in_words(item: dict) -> str:
    return f"rights of {item['user']}: write {item['write']}, read {item['read']}, configure {item['configure']}"


def _rights(item: dict, other: dict) -> str:
    changed = [f"{name} {other[name]} → {item[name]}" for name in RIGHTS if item[name] != other[name]]
    return f"~ rights of {item['user']}: {', '.join(changed)}" if changed else ""


def _policy_in_words(item: dict) -> str:
    return f"policy {item['name']}: at most {item['definition']['max-length']} messages in each queue"


def _policy(item: dict, other: dict) -> str:
    changed = [
        f"{name} {other.get(name)} → {item[name]}"
        for name in ("pattern", "apply-to", "definition", "priority")
        if item[name] != other.get(name)
    ]
    return f"~ policy {item['name']}: {', '.join(changed)}" if changed else ""


def _exchange(item: dict, other: dict) -> str:
    if item["type"] == other["type"] and other["durable"]:
        return ""
    return f"! exchange {item['name']} is {_kind(other)} instead of {_kind(item)}; delete it, and apply again"


def _kind(one: dict) -> str:
    return f"{'durable' if one['durable'] else 'passing'} {one['type']}"


def _queue(item: dict, other: dict) -> str:
    want, have = item["arguments"], _arguments(other["arguments"])
    changed = [
        f"{name} {have.get(name, 'not set')} instead of {want.get(name, 'not set')}"
        for name in sorted(want.keys() | have.keys())
        if want.get(name) != have.get(name)
    ]
    if not changed:
        return ""
    return (
        f"! queue {item['name']} exists with other arguments ({', '.join(changed)}), which cannot be changed in place; "
        "have it run empty, delete it, and apply again"
    )


def _arguments(given: dict) -> dict:
    """Newer brokers also write down the type that a queue has by default."""
    return {name: value for name, value in given.items() if (name, value) != ("x-queue-type", "classic")}


def _binding_in_words(item: dict) -> str:
    key = f" for {item['routing_key']}" if item["routing_key"] else ""
    return f"binding {item['source']} → {item['destination']}{key}"


def _elsewhere(actual: dict, codes: set[str], vhost: str) -> Iterator[Difference]:
    """Rights of a department in another virtual host."""
    for one in actual["permissions"]:
        if one["user"] in codes and one["vhost"] != vhost:
            text = f"- rights of {one['user']} in the virtual host {one['vhost']}"
            yield Difference(text, revoked=(one["user"], one["vhost"]))


def _bindings_of_nobody(wanted: dict, actual: dict, vhost: str) -> Iterator[Difference]:
    """Bindings of a department's exchanges and queues that no manifest asks for: a way in, or out."""
    known = {_ends(one) for one in wanted["bindings"]}
    own = {one["name"] for kind in ("exchanges", "queues") for one in wanted[kind]} - {EVENTS}
    for one in actual["bindings"]:
        if one["vhost"] == vhost and own & {one["source"], one["destination"]} and _ends(one) not in known:
            yield Difference(f"! {_binding_in_words(one)} stands in no manifest; find out who made it, and unbind it")
