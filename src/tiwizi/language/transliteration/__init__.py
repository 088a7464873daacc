"""One script into another: Arabizi, Darija, Tifinagh, Latin Amazigh; `transliterate.py` is the door."""

from tiwizi.language.transliteration.arabizi import arabic_forms, readings, to_arabic
from tiwizi.language.transliteration.darija import spelled, to_chat_latin
from tiwizi.language.transliteration.tifinagh import to_latin, to_tifinagh

__all__ = ["arabic_forms", "readings", "spelled", "to_arabic", "to_chat_latin", "to_latin", "to_tifinagh"]
