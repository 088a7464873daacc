"""The house's door: the HTTP API that OpenAI's clients speak, and the page to ask from."""

from tiwizi.server.app import create_app
from tiwizi.server.run import serve

__all__ = ["create_app", "serve"]
