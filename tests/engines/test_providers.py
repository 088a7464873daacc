"""From settings to an engine, and every sentence a person meets when the settings are wrong."""

import subprocess
import sys

import pytest

from tiwizi.engines import Echo, make_engine
from tiwizi.errors import BadInput
from tiwizi.settings import EngineSettings

FAR = "https://api.example.com/v1"


def test_the_settings_reach_the_engine():
    settings = EngineSettings(name="mistral", url=FAR, jurisdiction="FR", languages=["fr", "ar"], key_env="KEY")
    engine = make_engine(settings, {"KEY": "abc"})
    assert (engine.name, engine.jurisdiction, engine.digest) == ("mistral", "FR", "")
    assert engine.languages == {"fr", "ar"}


def test_echo_is_an_engine_like_any_other():
    assert isinstance(make_engine(EngineSettings(name="parrot", url="echo:")), Echo)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["'x'", "path", "url"]),
        ({"path": "a.gguf", "url": FAR}, ["'x'", "either"]),
        ({"url": "ftp://example.com"}, ["'ftp'", "echo, http, https"]),
        ({"path": "/there/is/no.gguf"}, ["/there/is/no.gguf", "No such file"]),
        ({"path": "/"}, ["cannot be read", "directory"]),
        ({"path": __file__}, ["test_providers.py", "GGUF"]),
        ({"url": "https:///v1"}, ["without a host"]),
        ({"url": "https://h:99999/v1"}, ["without a host"]),
        ({"url": "http://me:hush@localhost/v1"}, ["secret", "key_env"]),
        ({"url": "http://localhost/v1?key=hush"}, ["secret", "key_env"]),
        ({"url": FAR, "jurisdiction": "US", "key_env": "MISTRAL_KEY"}, ["MISTRAL_KEY", "Set that"]),
        ({"url": FAR}, ["api.example.com", 'jurisdiction = "MA"']),
        ({"url": "http://41.248.0.1:8000"}, ["41.248.0.1", "jurisdiction"]),
    ],
)
def test_wrong_settings_are_refused_with_what_to_do(settings, words):
    with pytest.raises(BadInput) as refusal:
        make_engine(EngineSettings(name="x", **settings), {})
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "10.1.2.3", "gpu", "gpu.commune.lan"])
def test_a_server_in_our_network_is_local_without_saying_so(host):
    assert make_engine(EngineSettings(name="x", url=f"http://{host}/v1"), {}).jurisdiction == "local"


def test_a_missing_extra_is_named_with_its_command(tmp_path, monkeypatch):
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(BadInput, match=r"pip install 'tiwizi\[local\]'"):
        make_engine(EngineSettings(name="x", path=str(tmp_path / "small.gguf")))


def test_nothing_heavy_is_imported_before_an_engine_is_asked_for():
    code = "import sys, tiwizi.engines; print(sorted({'aiohttp', 'xllamacpp'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
