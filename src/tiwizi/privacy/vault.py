"""The memory of one conversation: which placeholder stands for which words. It never leaves the process."""

from typing import NoReturn


class Vault:
    """Holds the personal words behind the placeholders of one conversation, in memory only.

    It shows no value when printed, and refuses to be pickled or copied. Not for several threads at once.
    """

    __slots__ = ("_counts", "_names", "_originals", "_reserved", "_words")

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._words: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._reserved: set[str] = set()
        self._originals: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._words)

    def __bool__(self) -> bool:
        return True  # an empty vault is a vault: `vault or Vault()` must not lose it

    def __repr__(self) -> str:
        return f"<Vault: {len(self)} values, not shown>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A vault stays in memory and cannot be pickled or copied. Keep the conversation in one process."
        )

    def name(self, kind: str, value: str, words: str) -> str:
        """Return the placeholder of `value`, made now if it is new; `words` is how the person wrote it."""
        if (kind, value) not in self._names:
            self._names[kind, value] = placeholder = self._next(kind)
            self._words[placeholder] = words
        return self._names[kind, value]

    def knows(self, placeholder: str) -> bool:
        """Return whether this vault gave out `placeholder`."""
        return placeholder in self._words

    def words(self, placeholder: str) -> str:
        """Return the words behind `placeholder`, or the placeholder itself if it is none of this vault's."""
        return self._words.get(placeholder, placeholder)

    def reserve(self, placeholder: str) -> None:
        """Never give out `placeholder`: the person typed these very characters."""
        self._reserved.add(placeholder)

    def remember(self, masked: str, original: str) -> None:
        """Keep the exact text behind a whole masked text: the same value may be spelled in two ways in it."""
        self._originals[masked] = original

    def original(self, masked: str) -> str | None:
        """Return the exact text that was screened into `masked`, or None if no such text was."""
        return self._originals.get(masked)

    def forget(self) -> None:
        """Drop every value; placeholders given out until now stay as they are in any text."""
        for held in (self._names, self._words, self._originals):
            held.clear()

    def _next(self, kind: str) -> str:
        while True:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"[{kind}_{self._counts[kind]}]"
            if placeholder not in self._reserved:
                return placeholder
