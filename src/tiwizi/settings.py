"""Every setting of an instance: its name, its default and one sentence. Nothing else reads the environment.

Read once at start: `TIWIZI_*`, then `tiwizi.toml` in the instance's folder, then the default. A bad or unknown
name stops the start and says which names exist.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from platformdirs import user_data_dir

from tiwizi.errors import BadInput

FILE = "tiwizi.toml"
OUR_NETWORK = (".local", ".internal", ".lan", ".home.arpa", ".localhost")
NOT_SETTINGS = {"TIWIZI_HOME", "TIWIZI_DATA"}  # where the instance is, and where training data is


class EngineSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language model: a GGUF file on this machine, or an OpenAI-compatible address."""

    name: str
    path: str = ""
    url: str = ""
    model: str = ""
    key_env: str = ""
    jurisdiction: str = "local"
    languages: list[str] = []


class EncoderSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenAI-compatible embedding model in the place of the encoder that comes with Tiwizi."""

    url: str
    model: str
    dimension: Annotated[int, Meta(ge=1, le=8_192)]
    key_env: str = ""
    jurisdiction: str = "local"
    question_prefix: str = ""
    passage_prefix: str = ""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one instance, checked when read."""

    host: Annotated[str, Meta(description="Address the server listens on; 0.0.0.0 opens it to the network")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Port the server listens on; 0 takes a free one")] = 8080
    public_url: Annotated[str, Meta(description="Address people use, written into citations; empty: host and port")] = (
        ""
    )
    name: Annotated[str, Meta(description="Name of the institution, shown on every page")] = "Tiwizi"
    max_question: Annotated[int, Meta(ge=1, description="Longest question read, in characters")] = 4_000
    max_file_bytes: Annotated[int, Meta(ge=1, description="Largest file ingested, in bytes")] = 50_000_000
    max_unpacked_bytes: Annotated[int, Meta(ge=1, description="Most bytes a compressed file may unpack to")] = (
        200_000_000
    )
    max_pages: Annotated[int, Meta(ge=1, description="Most pages read from one file")] = 5_000
    read_seconds: Annotated[int, Meta(ge=1, description="Longest time spent reading one file, in seconds")] = 60
    read_memory: Annotated[int, Meta(ge=1, description="Most memory used to read one file, in bytes")] = 2_000_000_000
    site_pages: Annotated[int, Meta(ge=1, description="Most pages fetched from one site")] = 2_000
    site_delay: Annotated[float, Meta(ge=0, description="Seconds between two requests to a site")] = 0.5
    starter: Annotated[bool, Meta(description="Install the starter pack into a new instance")] = True
    encoder: Annotated[
        EncoderSettings | None, Meta(description="Embedding server that replaces the encoder that comes with Tiwizi")
    ] = None
    engines: Annotated[
        list[EngineSettings], Meta(description="Language models that may write answers; none by default")
    ] = []

    @property
    def address(self) -> str:
        """The address that people type, without a final slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def home_folder(chosen: str | os.PathLike[str] | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds all state of an instance: `chosen`, else `TIWIZI_HOME`, else the platform's."""
    return Path(chosen or environ.get("TIWIZI_HOME") or user_data_dir("tiwizi", appauthor=False))


def in_our_network(host: str) -> bool:
    """Return whether a host is on this machine or in a private network, by its name or address."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(OUR_NETWORK)


def read_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the instance in `home`.

    Raises BadInput with the name at fault when a file or variable holds something else than expected.
    """
    values = _from_file(home / FILE) | _from_environment(environ)
    known = {field.name for field in msgspec.structs.fields(Settings)}
    if unknown := sorted(values.keys() - known):
        raise BadInput(f"There is no setting {unknown[0]!r}. Available: {', '.join(sorted(known))}.")
    try:
        return msgspec.convert(values, Settings, strict=False)  # a variable is always text
    except msgspec.ValidationError as error:
        raise BadInput(f"A setting is wrong: {error}. Look in {home / FILE} and in TIWIZI_* variables.") from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {name: name.removeprefix("TIWIZI_").lower() for name in environ.keys() - NOT_SETTINGS}
    return {
        setting: _json(name, environ[name]) if setting in ("engines", "encoder") else environ[name]
        for name, setting in names.items()
        if name.startswith("TIWIZI_")
    }


def _json(variable: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise BadInput(f"{variable} is not valid JSON: {error}.") from None
