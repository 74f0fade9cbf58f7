"""Sealing of words and names at rest: AES-256-GCM with the key's id, row and column bound in.

A sealed value is ``key id (4 bytes) + nonce (12) + ciphertext and tag``. The associated data names
table, column and row, so that a value moved to another place does not open. A value rolled back to
an older version of the same place is not detected.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyProblem, SealBroken

KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12


def new_key() -> str:
    """Return a fresh key as url-safe base64, as the setting SECRET_KEY holds it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


class Vault:
    """Seals with the first key, opens with any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise KeyProblem("no key is set")
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])
        self._pepper = hashlib.sha256(b"vuistregel codes" + keys[-1]).digest()
        self.opened: dict[str, tuple[str, Any]] = {}
        """What these keys opened and is asked for often: name → (version, what); memory only."""

    @classmethod
    def from_setting(cls, value: str) -> Vault:
        """Build from comma-separated url-safe base64 keys.

        Raises KeyProblem when a key is malformed; the message never holds the key.
        """
        return cls([_decode(part, n) for n, part in enumerate(value.split(","), start=1)])

    def __repr__(self) -> str:
        return f"Vault({len(self._keys)} keys)"

    def seal(self, text: str, place: str) -> bytes:
        """Seal ``text`` for ``place`` ("table.column:row")."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._first].encrypt(nonce, text.encode(), place.encode())
        return self._first + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Open what ``seal`` made; KeyProblem for an unknown key, SealBroken for all else."""
        key = self._keys.get(sealed[:ID_BYTES])
        if key is None:
            raise KeyProblem("the data was sealed with a key that is not set")
        nonce = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES]
        try:
            return key.decrypt(nonce, sealed[ID_BYTES + NONCE_BYTES :], place.encode()).decode()
        except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
            raise SealBroken(
                f"a value of {place.split(':', maxsplit=1)[0]} does not open"
            ) from None

    @property
    def current_id(self) -> bytes:
        """The first bytes of everything that is sealed with the first key."""
        return self._first

    def knows(self, sealed: bytes) -> bool:
        """Tell whether ``sealed`` names a key that is set."""
        return sealed[:ID_BYTES] in self._keys

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether ``sealed`` was made with the first key."""
        return sealed[:ID_BYTES] == self._first

    def digest(self, code: str) -> str:
        """Keyed hash of an invite code, as stored; of the oldest key, so rotation keeps links."""
        return hmac.new(self._pepper, code.encode(), hashlib.sha256).hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"vuistregel key id" + key).digest()[:ID_BYTES]


def _decode(part: str, number: int) -> bytes:
    try:
        key = base64.b64decode(part.strip().encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise KeyProblem(f"key {number} in SECRET_KEY is not url-safe base64") from None
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"key {number} in SECRET_KEY has {len(key)} bytes, not {KEY_BYTES}")
    return key
