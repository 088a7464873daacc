"""The network of `transliteration/reader.py` trained with JAX: convolutions over the letters of a word."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tiwizi.language.transliteration.reader import START, Reader, reader_of

PADDING = "#"
_EMBEDDED = 32
_WINDOW = 5
_LAYERS = 3
_BATCH = 256
_RATE = 2e-3
_DROPPED = 0.1


class Example(NamedTuple):
    """A word (with its start), the piece each letter stands for, and how much the example counts."""

    word: str
    pieces: Sequence[str]
    weight: float


def train(
    examples: Sequence[Example], letters: str, least: int, units: int, epochs: int, seed: int
) -> dict[str, object]:
    """Weights as `reader.py` stores them; pieces met less than `least` times are not learned."""
    counted: dict[str, int] = {}
    for example in examples:
        for piece in example.pieces:
            counted[piece] = counted.get(piece, 0) + 1
    pieces = sorted(
        (piece for piece, count in counted.items() if count >= least), key=lambda piece: (-counted[piece], piece)
    )
    words, targets, weights = _arrays(examples, letters, pieces)
    sizes = np.array([len(example.word) for example in examples])
    parameters = _start(jax.random.PRNGKey(seed), len(letters), units, len(pieces))
    moment = {key: jnp.zeros_like(value) for key, value in parameters.items()}
    square = dict(moment)
    random = np.random.default_rng(seed)
    key = jax.random.PRNGKey(seed + 1)
    steps, step = epochs * (len(examples) // _BATCH), 0
    for epoch in range(epochs):
        order = random.permutation(len(examples))
        order = order[np.argsort((sizes[order] + random.uniform(0, 3, len(order))) // 4, kind="stable")]
        batches = [order[at : at + _BATCH] for at in range(0, len(order) - _BATCH + 1, _BATCH)]
        losses = []
        for place in random.permutation(len(batches)):
            batch = batches[place]
            step += 1
            key, chance = jax.random.split(key)
            size = min(int(-(-sizes[batch].max() // 4) * 4), words.shape[1])
            parameters, moment, square, loss = _improve(
                parameters, moment, square, step, _RATE * max(0.02, 1 - step / steps),
                words[batch, :size], targets[batch, :size], weights[batch], chance,
            )  # fmt: skip
            losses.append(float(loss))
        print(f"  epoch {epoch + 1} of {epochs}: {np.mean(losses):.4f}", flush=True)
    return _stored(parameters, letters, pieces)


def _arrays(
    examples: Sequence[Example], letters: str, pieces: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    place = {letter: at for at, letter in enumerate(letters)}
    number = {piece: at for at, piece in enumerate(pieces)}
    longest = max(len(example.word) for example in examples)
    words = np.zeros((len(examples), longest), np.int32)
    targets = np.full((len(examples), longest), -1, np.int32)
    for row, example in enumerate(examples):
        words[row, : len(example.word)] = [place[letter] for letter in example.word]
        targets[row, : len(example.word)] = [number.get(piece, -1) for piece in example.pieces]
    return words, targets, np.array([example.weight for example in examples], np.float32)


def _start(key: jax.Array, letters: int, units: int, pieces: int) -> dict[str, jax.Array]:
    keys = jax.random.split(key, _LAYERS + 2)
    parameters = {"embedded": jax.random.normal(keys[0], (letters, _EMBEDDED)) * 0.3}
    width = _EMBEDDED
    for layer in range(_LAYERS):
        scale = np.sqrt(2 / (_WINDOW * width))
        parameters[f"layer{layer}"] = jax.random.normal(keys[layer + 1], (_WINDOW * width, units)) * scale
        parameters[f"layer{layer}_bias"] = jnp.zeros(units)
        width = units
    parameters["last"] = jax.random.normal(keys[-1], (width, pieces)) * 0.05
    parameters["last_bias"] = jnp.zeros(pieces)
    return parameters


def _likelihoods(parameters: dict[str, jax.Array], words: jax.Array, chance: jax.Array) -> jax.Array:
    real = (words != 0)[..., None]
    hidden = parameters["embedded"][words] * real
    for layer in range(_LAYERS):
        padded = jnp.pad(hidden, ((0, 0), (_WINDOW // 2, _WINDOW // 2), (0, 0)))
        windows = jnp.concatenate([padded[:, at : at + words.shape[1]] for at in range(_WINDOW)], -1)
        raised = jax.nn.relu(windows @ parameters[f"layer{layer}"] + parameters[f"layer{layer}_bias"]) * real
        chance, now = jax.random.split(chance)
        raised = raised * jax.random.bernoulli(now, 1 - _DROPPED, raised.shape) / (1 - _DROPPED)
        hidden = raised if layer == 0 else hidden + raised
    return jax.nn.log_softmax(hidden @ parameters["last"] + parameters["last_bias"])


def _loss(parameters, words, targets, weights, chance):  # type: ignore[no-untyped-def]
    likely = _likelihoods(parameters, words, chance)
    known = (targets >= 0) * weights[:, None]
    each = -jnp.take_along_axis(likely, jnp.maximum(targets, 0)[..., None], -1)[..., 0]
    return (each * known).sum() / known.sum()


@jax.jit
def _improve(parameters, moment, square, step, rate, words, targets, weights, chance):  # type: ignore[no-untyped-def]
    """One step of Adam with a little weight decay."""
    loss, slope = jax.value_and_grad(_loss)(parameters, words, targets, weights, chance)
    moment = {key: 0.9 * moment[key] + 0.1 * slope[key] for key in slope}
    square = {key: 0.99 * square[key] + 0.01 * slope[key] ** 2 for key in slope}
    parameters = {
        key: value
        - rate * (moment[key] / (1 - 0.9**step) / (jnp.sqrt(square[key] / (1 - 0.99**step)) + 1e-8) + 1e-4 * value)
        for key, value in parameters.items()
    }
    return parameters, moment, square, loss


def _stored(parameters: dict[str, jax.Array], letters: str, pieces: Sequence[str]) -> dict[str, object]:
    found = {key: np.asarray(value) for key, value in parameters.items()}
    embedded = found["embedded"].copy()
    embedded[0] = 0
    windows = found["layer0"].reshape(_WINDOW, _EMBEDDED, -1)
    stored: dict[str, object] = {
        "letters": np.array(letters),
        "pieces": np.array("|".join(pieces)),
        "first": np.stack([embedded @ window for window in windows]).astype(np.float16),
        "first_bias": found["layer0_bias"].astype(np.float16),
    }
    for key in ("last", "last_bias", *(f"layer{layer}{part}" for layer in range(1, _LAYERS) for part in ("", "_bias"))):
        stored[key] = found[key].astype(np.float16)
    return stored


def save(stored: dict[str, object], path: Path) -> None:
    """Write the weights; the same weights give the same bytes."""
    import io
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in sorted(stored):
            array = io.BytesIO()
            np.save(array, np.asarray(stored[key]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), array.getvalue())


def as_reader(stored: dict[str, object]) -> Reader:
    """The weights as the reader that will use them."""
    return reader_of(stored)


__all__ = ["PADDING", "START", "Example", "as_reader", "save", "train"]
