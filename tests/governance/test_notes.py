"""Signed notes and checkpoints are those of C2SP, byte for byte."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.errors import BadInput, Unverified
from tiwizi.governance import notes

# Notes that other implementations publish with their keys.
PUBLISHED = [
    (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ),
    (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "This is an example message.\n\n"
        "— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
    ),
]


@pytest.mark.parametrize(("key", "note"), PUBLISHED)
def test_published_notes_open_with_their_keys_and_no_others(key: str, note: str) -> None:
    assert note.startswith(notes.open_note(note, key))
    for other, _ in PUBLISHED:
        if other != key:
            with pytest.raises(Unverified):
                notes.open_note(note, other)


@given(st.text(min_size=1, max_size=40), st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_what_is_signed_opens_and_says_the_same(origin: str, size: int, root: bytes) -> None:
    try:
        name = notes.key_name(origin)
    except BadInput:
        return
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = notes.verifier_key(name, private.public_key().public_bytes_raw())
    checkpoint = notes.Checkpoint(name, size, root)
    note = notes.sign(notes.write_checkpoint(checkpoint), name, private)
    assert notes.read_checkpoint(notes.open_note(note, key)) == checkpoint
    assert notes.read_verifier_key(key) == (name, private.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("tiwizi.example.ma", "tiwizi.example.ma"),
        ("Commune de Salé", "Commune-de-Salé"),
        (" a + b\n", "a-b"),
        ("جماعة سلا", "جماعة-سلا"),
        ("ⵜⵉⵡⵉⵣⵉ", "ⵜⵉⵡⵉⵣⵉ"),
    ],
)
def test_a_name_as_people_write_it_becomes_one_that_a_key_can_bear(origin: str, name: str) -> None:
    assert notes.key_name(origin) == name


@pytest.mark.parametrize("origin", ["", "  ", "\n", "\N{RIGHT-TO-LEFT MARK}"])
def test_a_ledger_needs_a_name(origin: str) -> None:
    with pytest.raises(BadInput, match="cannot be named"):
        notes.key_name(origin)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+b+c", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a+00000000+AQ=="],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Unverified, match="is not a verifier key"):
        notes.read_verifier_key(text)


ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n١\n{ROOT}\n",
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT}\nmore\n",
        "a\n1\nAAAA\n",
        "a\n1\n" + "A" * 42 + "B=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Unverified, match="three lines"):
        notes.read_checkpoint(text)
