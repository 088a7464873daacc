"""Choosing an engine from its settings.

A provider is a module of this room with a function marked `@provider(scheme)`: the scheme of an engine's `url`
selects it, and "file" stands for a `path`. The modules are found by looking, so that a new provider is one file.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from tiwizi.engines.values import Engine
from tiwizi.errors import BadInput
from tiwizi.settings import EngineSettings

Provider = Callable[[EngineSettings, Mapping[str, str]], Engine]
_providers: dict[str, Provider] = {}


def provider(*schemes: str) -> Callable[[Provider], Provider]:
    """Mark a function that makes an engine from settings and environment variables, for these schemes."""

    def mark(make: Provider) -> Provider:
        _providers.update(dict.fromkeys(schemes, make))
        return make

    return mark


def make_engine(settings: EngineSettings, environ: Mapping[str, str] = os.environ) -> Engine:
    """Return the engine that `settings` describe; it opens and loads nothing before its first text.

    Raises BadInput when neither a path nor a URL is given (or both), when the scheme is unknown, the file is
    missing or no GGUF, the extra is not installed, or the variable of the key is not set.
    """
    if bool(settings.path) == bool(settings.url):
        raise BadInput(
            f"Engine {settings.name!r} needs either a path (a GGUF file) or a url (an OpenAI-compatible address)."
        )
    _find_providers()
    scheme = "file" if settings.path else urlsplit(settings.url).scheme.lower()
    if scheme not in _providers:
        raise BadInput(
            f"Engine {settings.name!r} has a url that begins with {scheme!r}. "
            f"Available: {', '.join(sorted(_providers.keys() - {'file'}))}."
        )
    return _providers[scheme](settings, environ)


def _find_providers() -> None:
    for module in pkgutil.iter_modules([os.path.dirname(__file__)], "tiwizi.engines."):
        importlib.import_module(module.name)
