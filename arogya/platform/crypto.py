"""Secrets that must be read again: sealed with a key that is kept outside the database."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class NotSealedHere(Exception):
    """Another key, another place or other bytes than those that were sealed."""


def seal(key: bytes, plain: bytes, place: str) -> bytes:
    """AES-256-GCM under a fresh nonce. place: `table|column|row`, so that no other row's secret can stand here."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _told(place))


def opened(key: bytes, sealed: bytes, place: str) -> bytes:
    """Raises NotSealedHere."""
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise NotSealedHere
    try:
        return AESGCM(key).decrypt(nonce, body, _told(place))
    except InvalidTag:
        raise NotSealedHere from None


def _told(place: str) -> bytes:
    return _VERSION + place.encode()
