"""Whoever can write a person's attribute may choose the host of a webhook, and must not reach the network behind it.

Names are looked up here, and the request goes to the very address that was judged: a second look-up could find another.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final

import httpx

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class PrivateHostError(Exception):
    """The host is not on the public internet."""


async def pinned(request: httpx.Request) -> httpx.Request:
    """Return the request, to go to the address of its host; TLS and the Host header keep the name.

    Raises:
        PrivateHostError: the host has an address that is not public.
        OSError: there is no such host.
    """
    host = request.url.host
    port = request.url.port or (443 if request.url.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]) for *_, address in found]
    if not all(is_public(address) for address in addresses):
        raise PrivateHostError(f"{host} is a private address, which webhooks may not go to.")
    request.extensions = {**request.extensions, "sni_hostname": host}
    request.url = request.url.copy_with(host=addresses[0])
    return request


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet; one that stands for a private IPv4 address is not."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        ip = ip.ipv4_mapped or ip.sixtofour or nat64 or ip
    return ip.is_global and not ip.is_multicast
