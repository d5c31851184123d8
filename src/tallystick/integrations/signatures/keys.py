"""Make signing keys, lock the private ones up, publish the public ones and read them again.

Source: RFC 8032 (Ed25519), RFC 8037 (its JSON Web Keys), RFC 7517 (sets of them), RFC 7638 (thumbprints), RFC 5869 and NIST SP 800-38D (how private
keys are locked).
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tallystick.integrations.signatures.canonical import canonical, letters, octets

LARGEST_SET_BYTES = 1 << 20
PUBLIC_BYTES = 32
_ID_LETTERS = 16
_NONCE_BYTES = 12
_PURPOSE = b"tallystick: private keys that sign documents"
_MOST_KEYS = 1000
_OPTIONAL = ("issuer", "valid_from", "valid_until", "withdrawn_at")


class Locked(RuntimeError):
    """Say that a private key was locked with another secret than the one that is there now."""


class NoKeySet(ValueError):
    """Say that a file is no set of keys as it is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Show a public key as it stands at the well-known address; instants are ISO text in UTC, empty for never."""

    key_id: str
    public: bytes
    issuer: str = ""
    valid_from: str = ""
    valid_until: str = ""
    withdrawn_at: str = ""

    def shape(self) -> dict[str, str]:
        """Give it as a JSON Web Key."""
        told = {name: getattr(self, name) for name in _OPTIONAL if getattr(self, name)}
        return {"kty": "OKP", "crv": "Ed25519", "x": letters(self.public), "kid": self.key_id, "use": "sig", "alg": "EdDSA", **told}

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key's owner signed the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def make() -> tuple[bytes, bytes]:
    """Make a key: 32 private and 32 public bytes."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """Name a key by the first letters of its thumbprint: 96 bits, which nobody can make another key for by chance."""
    print_of = canonical({"crv": "Ed25519", "kty": "OKP", "x": letters(public)})
    return letters(hashlib.sha256(print_of).digest())[:_ID_LETTERS]


def lock(private: bytes, *, name: str, secret: str) -> bytes:
    """Lock a private key with the installation's secret, so that a copy of the database alone signs nothing; `name` is its key id."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_wrapping(secret)).encrypt(nonce, private, name.encode())


def unlock(locked: bytes, *, name: str, secret: str) -> bytes:
    """Open a locked private key. Raises Locked."""
    try:
        return AESGCM(_wrapping(secret)).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError) as wrong:
        raise Locked(
            f"The signing key {name} was locked with another TALLYSTICK_SECRET_KEY. Make a new one with tallystick signing-keys rotate."
        ) from wrong


def _wrapping(secret: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())


def sign(private: bytes, message: bytes) -> bytes:
    """Sign: 64 bytes, the same for the same message."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def written(published: Iterable[Published]) -> bytes:
    """Write a set of keys as it is published."""
    return json.dumps({"keys": [key.shape() for key in published]}, ensure_ascii=False, indent=1).encode() + b"\n"


def read(content: bytes) -> dict[str, Published]:
    """Read a set of keys by their ids; keys of other kinds in it are left out. Raises NoKeySet."""
    if len(content) > LARGEST_SET_BYTES:
        raise NoKeySet("This file is too large for a set of keys.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise NoKeySet("This file is no set of keys: it is not JSON.") from wrong
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise NoKeySet('This file is no set of keys: it has no list "keys".')
    keys = [_published(one) for one in listed if isinstance(one, dict) and one.get("kty") == "OKP" and one.get("crv") == "Ed25519"]
    return {key.key_id: key for key in keys}


def _published(found: Mapping[str, object]) -> Published:
    try:
        public = octets(str(found.get("x", "")))
    except ValueError:
        public = b""
    told = {name: found.get(name, "") for name in _OPTIONAL}
    if len(public) != PUBLIC_BYTES or found.get("kid") != key_id(public) or not all(isinstance(text, str) for text in told.values()):
        raise NoKeySet("This file is no set of keys: one of them is damaged.")
    return Published(key_id=key_id(public), public=public, **{name: str(text) for name, text in told.items()})
