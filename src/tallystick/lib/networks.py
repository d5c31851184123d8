"""Tell which addresses of the Internet a program of ours may call for somebody else, and which would lead inside.

Source: the special-purpose registries of IANA (RFC 6890), as Python's ipaddress keeps them; RFC 4291, 6052, 3056 and 4380 for IPv4 in IPv6.
"""

import ipaddress
from enum import StrEnum

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(ipaddress.ip_address(text) for text in ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
"""Where clouds tell a machine its secrets: Azure's is a public address, Amazon's of IPv6 a private one."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_LAST_BITS = 0xFFFF_FFFF


class Reach(StrEnum):
    """Say what an address leads to: anyone's machine, one of a private network or this machine, or nothing that may ever be called."""

    PUBLIC = "public"
    PRIVATE = "private"
    FORBIDDEN = "forbidden"


def reach(text: str) -> Reach:
    """Judge an address and every IPv4 address that it carries inside: the strictest counts. What is no address is forbidden."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return Reach.FORBIDDEN
    found = {_of(each) for each in _within(address)}
    return next(one for one in (Reach.FORBIDDEN, Reach.PRIVATE, Reach.PUBLIC) if one in found)


def _within(address: Address) -> list[Address]:
    """Give the address, or the IPv4 address that it stands for: mapped, compatible, NAT64, 6to4, Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    bare = ipaddress.IPv6Address(int(address))  # without the name of a network card, which no network contains
    last = ipaddress.IPv4Address(int(bare) & _LAST_BITS)
    if bare in _NAT64 or (bare in _COMPATIBLE and int(bare) > 1):
        return [last]
    if bare.sixtofour is not None:
        return [bare.sixtofour]
    return [bare, *bare.teredo] if bare.teredo is not None else [bare]


def _of(address: Address) -> Reach:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return Reach.FORBIDDEN
    if address.is_loopback:  # before the reserved ones, among which ::1 is counted
        return Reach.PRIVATE
    if address.is_reserved:
        return Reach.FORBIDDEN
    return Reach.PUBLIC if address.is_global and not site_local else Reach.PRIVATE
