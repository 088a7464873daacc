"""What is trusted with which language: the models in use, and the choice of how to answer."""

from tiwizi.models.registry import SHIPPED, ModelCard, cards
from tiwizi.models.routing import ENOUGH, Route, route

__all__ = ["ENOUGH", "SHIPPED", "ModelCard", "Route", "cards", "route"]
