"""Devices: what a browser says of itself, in as few words as let its owner tell it from another."""

from __future__ import annotations

# The first that stands in what a browser says is the one: most of them name others, to be served alike.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("QQBrowser", "QQ浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Browser and system, as in `Firefox · Windows`; nothing of what is not known."""
    found = (next((told for mark, told in known if mark in user_agent), "") for known in (BROWSERS, SYSTEMS))
    return " · ".join(one for one in found if one)
