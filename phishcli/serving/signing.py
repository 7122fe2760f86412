"""Signed releases: whoever can change a file can also change its manifest, but not sign it.

``manifest.sig`` holds the Ed25519 signature (RFC 8032) of ``manifest.json``, which has the hash of every other file.
Keys are PEM files as OpenSSL writes them: ``openssl genpkey -algorithm ed25519 -out key.pem`` and ``openssl pkey -in
key.pem -pubout -out public.pem``.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.artifacts.manifest import NAME
from phishcli.errors import ConfigError, PersistError, system_error
from phishcli.files import appearing_file, read_bounded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE = "manifest.sig"
MOST_BYTES = 10_000
INSTALL = "pip install 'phishcli[sign]'"


def sign(folder: Path, key: Path) -> Path:
    """Sign a release; gives the file of the signature.

    Parameters
    ----------
    folder
        The release.
    key
        An Ed25519 private key in PEM, without a password.

    Raises
    ------
    ConfigError
        When the key cannot be read, or the library is not installed.
    PersistError
        When the signature cannot be written.
    """
    private = private_key(key)
    try:
        signature = private.sign(read_bounded(folder / NAME))
        with appearing_file(folder / SIGNATURE) as file:
            file.write_bytes(b64encode(signature) + b"\n")
    except OSError as error:
        raise system_error(error, "The release could not be signed", where=folder) from error
    return folder / SIGNATURE


def check_signature(folder: Path, public: Path) -> None:
    """Check that a release was signed with the key that belongs to a public one, and not changed since.

    Parameters
    ----------
    folder
        The release; its files are not looked at here, the signed manifest has their hashes.
    public
        An Ed25519 public key in PEM.

    Raises
    ------
    ConfigError
        When the key cannot be read, or the library is not installed.
    PersistError
        When there is no signature, or it is not of this key and this manifest.
    """
    key = public_key(public)
    from cryptography.exceptions import InvalidSignature

    try:
        signature = b64decode(read_bounded(folder / SIGNATURE, MOST_BYTES), validate=False)
        key.verify(signature, read_bounded(folder / NAME))
    except FileNotFoundError as error:
        hint = "Sign it: phish persist --sign-key KEY, or leave out --require-signature"
        raise PersistError("The release is not signed", where=str(folder), hint=hint) from error
    except (InvalidSignature, ValueError) as error:
        hint = "Do not use it: it was changed, or signed by somebody else"
        raise PersistError("The signature of the release is not valid", where=str(folder), hint=hint) from error


def private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key.

    Raises
    ------
    ConfigError
        When it cannot be read, or the library is not installed.
    """
    from_pem = _library().load_pem_private_key
    kind = "Ed25519PrivateKey"
    key: Ed25519PrivateKey = _key(path, lambda content: from_pem(content, password=None), kind)
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key.

    Raises
    ------
    ConfigError
        When it cannot be read, or the library is not installed.
    """
    key: Ed25519PublicKey = _key(path, _library().load_pem_public_key, "Ed25519PublicKey")
    return key


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise ConfigError("Signatures need a package that is not installed (cryptography)", hint=INSTALL) from error
    return serialization


def _key(path: Path, read: Any, kind: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    hint = "openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out public.pem"
    try:
        key = read(read_bounded(path, MOST_BYTES))
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not a key in PEM format"
        raise ConfigError(f"The key cannot be read: {reason}", where=str(path), hint=hint) from error
    if not isinstance(key, getattr(ed25519, kind)):
        wanted = "private" if kind == "Ed25519PrivateKey" else "public"
        raise ConfigError(f"This is not an Ed25519 {wanted} key", where=str(path), hint=hint)
    return key
