"""Tests of Déjà; the packages are those of the program."""

import os

# Each of the two workers has one core. With as many threads as there are cores, they wait for
# each other in every multiplication.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(library, "1")
