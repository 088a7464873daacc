"""Masking and restoring: one value one placeholder, the way back exact, nothing shown or stored by accident."""

import copy
import io
import pickle

import msgspec
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.pretty import Pretty

from tiwizi.privacy import Folded, Span, Vault, find, finder, restore, screen
from tiwizi.privacy.finder import FINDERS

SECRETS = "CIN BK123456, tél 0661234567, a.b@c.ma, RIB 011519000001205000534921, ICE 001561191000066"

# Pieces that meet in real messages, joined at random with or without anything between them.
PIECES = st.sampled_from(
    "BK123456|bk 123456|x12345|B123456|CIN|carte|vol|DH| dh|0661234567|٠٦٦١٢٣٤٥٦٧|6 61 23 45 67|661234567|+212|212|"
    "+33612345678|0800123456|19|a.b@c.ma|@|.|-|/| |\n|،|011519000001205000534921|MA64|MA64011519000001205000534921|"
    "001561191000066|4111111111111111|[CIN_1]|[PHONE_1]|[TYPED_1]|[|]|_1]|[CIN_|CIN_1|\u200f|\u202b|ـ|\ud800|\x00|"
    "رقم البطاقة|هاتف|12|2023|0|é|ⵜⴰⴽⴰⵕⴹⴰ|😀".split("|")
)
MESSAGES = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join))


@settings(deadline=None)  # the machine may be busy
@given(MESSAGES)
@example("[CIN_1] BK123456 [CIN_2] bk-123456 AB123456")
@example("[CIN_[CIN_1]] CIN BK123456]")
def test_restoring_gives_back_every_string_to_the_letter(text: str) -> None:
    screened = screen(text)
    assert restore(screened.masked, screened.vault) == text


@settings(deadline=None)  # the machine may be busy
@given(st.lists(MESSAGES, max_size=6))
@example(["BK123456", "je tape [CIN_1]", "et [TYPED_1] [CIN_1]"])
@example(["tape [CIN_1]", "BK123456", "tape [CIN_1] encore [CIN_2]"])
def test_restoring_holds_through_a_conversation(texts: list[str]) -> None:
    vault, seen = Vault(), set[str]()
    for text in texts:
        assume(text not in seen)  # a text of ours, typed to the letter by a person, is read as ours
        screened = screen(text, vault)
        seen.add(screened.masked)
        assert restore(screened.masked, vault) == text


@settings(deadline=None)  # the machine may be busy
@given(MESSAGES)
def test_a_masked_text_stays_as_it_is(text: str) -> None:
    screened = screen(text)
    for vault in (screened.vault, None):
        again = screen(screened.masked, vault)
        assert again.masked == screened.masked
        assert again.findings == ()


@settings(deadline=None)  # the machine may be busy
@given(MESSAGES)
def test_no_found_value_is_left_in_the_masked_text(text: str) -> None:
    screened = screen(text)
    assert screened.findings == tuple(find(text))
    kept, done = "", 0
    for finding in screened.findings:
        kept += text[done : finding.start] + "\n"
        done = finding.end
    kept += text[done:]
    assert all(finding.text not in screened.masked or finding.text in kept for finding in screened.findings)


@pytest.mark.parametrize(
    "spellings",
    [
        ("CIN BK123456", "cin bk 123456", "CIN: BK-١٢٣٤٥٦"),
        ("0661234567", "06 61 23 45 67", "+212 6-61-23-45-67", "00212661234567", "٠٦٦١٢٣٤٥٦٧", "tel 661234567"),
        ("A.B@C.MA", "a.b@c.ma", "a.b @ c.ma"),
        ("011519000001205000534921", "011 519 0000012050005349 21"),
        ("MA64 0115 1900 0001 2050 0053 4921", "ma64011519000001205000534921"),
        ("001561191000066", "ICE 001561191 0000 66"),
    ],
)
def test_one_value_keeps_one_placeholder_through_a_conversation(spellings: tuple[str, ...]) -> None:
    vault = Vault()
    placeholders = {screen(text, vault).masked.split("[")[1] for text in spellings}
    assert len(placeholders) == 1 and len(vault) == 1
    together = screen(" ; ".join(spellings))
    assert len(together.vault) == 1
    assert restore(together.masked, together.vault) == " ; ".join(spellings)


def test_two_values_have_two_placeholders_numbered_by_kind() -> None:
    masked = screen("CIN BK123456 et CIN AB654321, tél 0661234567").masked
    assert masked == "CIN [CIN_1] et CIN [CIN_2], tél [PHONE_1]"


def test_placeholders_in_an_answer_are_restored_in_the_first_spelling() -> None:
    screened = screen("ma CIN est bk 123456")
    assert restore("Votre CIN [CIN_1] ; [CIN_2] et [PHONE_1] restent.", screened.vault) == (
        "Votre CIN bk 123456 ; [CIN_2] et [PHONE_1] restent."
    )


def test_a_typed_placeholder_is_never_given_out() -> None:
    screened = screen("j'écris [CIN_1] et ma CIN est BK123456")
    assert screened.masked == "j'écris [CIN_1] et ma CIN est [CIN_2]"


def test_a_placeholder_typed_after_it_was_given_out_means_itself() -> None:
    vault = Vault()
    screen("CIN BK123456", vault)
    screened = screen("qu'est-ce que [CIN_1] ?", vault)
    assert (screened.masked, screened.findings) == ("qu'est-ce que [TYPED_1] ?", ())
    assert restore(screened.masked, vault) == "qu'est-ce que [CIN_1] ?"


def test_an_empty_vault_that_is_given_is_used() -> None:
    vault = Vault()
    assert screen("CIN BK123456", vault).vault is vault


def test_a_vault_that_forgot_gives_nothing_back() -> None:
    screened = screen(SECRETS)
    screened.vault.forget()
    assert restore(screened.masked, screened.vault) == screened.masked


def test_nothing_personal_is_shown() -> None:
    screened = screen(SECRETS)
    console = Console(file=io.StringIO(), width=400)
    console.print(Pretty(screened, expand_all=True))
    assert isinstance(console.file, io.StringIO)
    shown = f"{screened!r} {screened} {screened.vault!r} {screened.findings!r} {console.file.getvalue()}"
    assert len(screened.findings) == 5
    assert not any(finding.text in shown for finding in screened.findings)


def test_a_vault_stays_in_memory() -> None:
    vault = screen(SECRETS).vault
    for leave in (pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode, msgspec.msgpack.encode):
        with pytest.raises(TypeError) as refused:
            leave(vault)
        assert "BK123456" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "\x00", "\ud800 BK123456 \udfff", "\u202e" * 50, "[" * 999, "٠" * 5000])
def test_any_string_is_accepted(text: str) -> None:
    screened = screen(text)
    assert restore(screened.masked, screened.vault) == text


def test_a_megabyte_with_many_values_comes_back() -> None:
    filler = "شكرا بزاف " * 8
    text = "".join(f"cin BK{number:06} w tel 06{number:08}, {filler}\n" for number in range(10_000))
    screened = screen(text)
    assert len(screened.findings) == 20_000 == len(screened.vault)
    assert len(text) > 1_000_000
    assert restore(screened.masked, screened.vault) == text


def test_a_new_kind_is_one_decorated_function() -> None:
    """What an extension does; its placeholders take part in masking, restoring and typed look-alikes."""

    @finder("badge")
    def badges(folded: Folded):  # type: ignore[no-untyped-def]
        start = folded.text.find("badge-")
        if start >= 0:
            yield Span(start, start + 9, 0.9, "badge", folded.text[start : start + 9])

    try:
        screened = screen("[BADGE_1] Badge-123")
        assert screened.masked == "[BADGE_1] [BADGE_2]"
        assert restore(screened.masked, screened.vault) == "[BADGE_1] Badge-123"
    finally:
        del FINDERS["BADGE"]
