"""What Tiwizi itself says, in the person's language."""

from tiwizi.wording.catalogues import CATALOGUES, catalogue_of, direction, say
from tiwizi.wording.names import LABELS, LANGUAGES, SCRIPTS, label_in, name_in

__all__ = ["CATALOGUES", "LABELS", "LANGUAGES", "SCRIPTS", "catalogue_of", "direction", "label_in", "name_in", "say"]
