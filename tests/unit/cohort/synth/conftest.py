"""A cohort of 2,000, made once."""

from __future__ import annotations

import pytest

from stormwatch.cohort.synth import patients


@pytest.fixture(scope="session")
def cohort():
    return list(patients(2000, seed=20))
