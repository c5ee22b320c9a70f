"""Which addresses a delivery may go to. Each is looked up once, checked, and then connected to as it is.

A name that answers differently the next time (DNS rebinding) thus gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket

from appeals.errors import Refused

UNICAST = ipaddress.ip_network("2000::/3")


class PrivateAddress(Refused):
    """Raised when a receiver's name leads into a network that is not public, and the manifest does not allow it.

    The event is set aside at once; the manifest may be widened and the event replayed.
    """

    status = 403
    zh = "{host} 指向非公网地址 {address}，接入清单未允许（allow_private）"
    en = "{host} leads to {address}, which is not public; the manifest does not allow it (allow_private)"


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host, in the resolver's order.

    Raises PrivateAddress when any of them is not public, unless that is allowed, and OSError when there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(address[0] for *_, address in found))
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise PrivateAddress(host=host, address=address)
    return addresses


def is_public(address: str) -> bool:
    """Whether anybody on the Internet may be reached there, and no network of ours behind it.

    IPv6 that only wraps an IPv4 address (mapped, 6to4, NAT64) counts as not public.
    """
    one = ipaddress.ip_address(address)
    if not one.is_global or one.is_multicast:
        return False
    return one.version == 4 or (one in UNICAST and one.sixtofour is None)
