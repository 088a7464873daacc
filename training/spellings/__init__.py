"""How pairs of spellings are made, aligned and learned: what `training/transliteration.py` is built of."""
