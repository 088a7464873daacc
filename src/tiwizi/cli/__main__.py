"""`python -m tiwizi.cli`."""

from tiwizi.cli import main

main()
