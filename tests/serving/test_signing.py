"""A signed release opens with its key; one that was changed, unsigned or signed by others does not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from phishcli import load_bundle
from phishcli.artifacts import Manifest
from phishcli.artifacts.manifest import note
from phishcli.errors import ConfigError, PersistError
from phishcli.serving import signing

pytest.importorskip("cryptography")
RELEASE = Path("results/artifacts/v1.0.0")


def keys(name: str) -> tuple[Path, Path]:
    """A private and a public key."""
    from cryptography.hazmat.primitives import serialization as how
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private, public = Path(f"{name}.pem"), Path(f"{name}.pub")
    private.write_bytes(
        key.private_bytes(how.Encoding.PEM, how.PrivateFormat.PKCS8, how.NoEncryption()),
    )
    public.write_bytes(key.public_key().public_bytes(how.Encoding.PEM, how.PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def signed(on_sites: Callable) -> Path:
    """The public key of a signed release."""
    private, public = keys("ours")
    assert on_sites("persist", "--sign-key", private, "--only-selected").code == 0
    return public


def test_a_signed_release_opens_with_its_key_and_without(signed: Path) -> None:
    assert load_bundle(RELEASE, require_signature=signed).metadata.version == "1.0.0"
    assert load_bundle(RELEASE).metadata.version == "1.0.0"
    assert len(Manifest.read(RELEASE).extra["models"]) == 1


def test_openssl_accepts_the_signature(signed: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    from base64 import b64decode

    raw = Path("raw.sig")
    raw.write_bytes(b64decode((RELEASE / signing.SIGNATURE).read_bytes()))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(signed), "-rawin"]
    said = subprocess.run([*command, "-in", str(RELEASE / "manifest.json"), "-sigfile", str(raw)], check=False)
    assert said.returncode == 0


def test_a_manifest_that_vouches_for_a_changed_file_is_noticed(signed: Path, phish: Callable) -> None:
    file = next(RELEASE.glob("*_metadata.json"))
    file.write_text(file.read_text().replace('"threshold": 0.5', '"threshold": 0.9'))
    manifest = Manifest.read(RELEASE)
    replace(manifest, files={**manifest.files, file.name: note(file)}).write(RELEASE)
    assert load_bundle(RELEASE).threshold == 0.9
    with pytest.raises(PersistError, match="signature of the release is not valid"):
        load_bundle(RELEASE, require_signature=signed)
    assert phish("verify", "v1.0.0", "--require-signature", signed).code == 8
    assert phish("predict", "sites.csv", "--require-signature", signed).code == 7


def test_the_key_of_somebody_else_does_not_do(signed: Path) -> None:
    _, other = keys("other")
    with pytest.raises(PersistError, match="not valid"):
        load_bundle(RELEASE, require_signature=other)


@pytest.mark.parametrize("content", [b"", b"AAAA", b"\xff\x00", b"A" * 20_000])
def test_a_damaged_signature_is_refused(signed: Path, content: bytes) -> None:
    (RELEASE / signing.SIGNATURE).write_bytes(content)
    with pytest.raises(PersistError, match="not valid"):
        signing.check_signature(RELEASE, signed)


def test_an_unsigned_release_is_refused(signed: Path) -> None:
    (RELEASE / signing.SIGNATURE).unlink()
    with pytest.raises(PersistError, match="not signed"):
        load_bundle(RELEASE, require_signature=signed)


def test_verify_says_by_which_key(signed: Path, phish: Callable) -> None:
    said = phish("verify", "v1.0.0", "--require-signature", signed, "--json")
    assert said.code == 0
    assert said.document["checks"][0] == {"name": "signature", "state": "passed", "detail": "by the key of ours.pub"}


def test_a_key_that_cannot_be_read_is_noticed_before_the_work(on_sites: Callable) -> None:
    private, public = keys("ours")
    Path("text.pem").write_text("no key")
    for key, text in (
        (Path("gone.pem"), "No such file"),
        (Path("text.pem"), "not a key in PEM"),
        (public, "not a key in PEM"),
    ):
        said = on_sites("persist", "--sign-key", key)
        assert (said.code, text in said.err) == (2, True), said.err
    assert not Path("results/artifacts").exists()
    with pytest.raises(ConfigError, match="not a key in PEM"):
        signing.public_key(private)
