"""`python -m tests.simulation`: a year of a regency in one run (`year.py`).

Processes that a program starts load its main module again unless it is called so, and this one has everything in it.
"""

import sys

from tests.simulation.year import main

if __name__ == "__main__":
    sys.exit(main())
