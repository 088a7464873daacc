"""What writes text: an embedded model, or any OpenAI-compatible server. Nothing is loaded until one is configured."""

from tiwizi.engines.echo import Echo
from tiwizi.engines.providers import make_engine, provider
from tiwizi.engines.values import CUT, Engine, Turn

__all__ = ["CUT", "Echo", "Engine", "Turn", "make_engine", "provider"]
