"""What all tests share: the Hypothesis profiles and the folder of real records."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]

# CI tries the same examples each time, so that a red run is about the change at hand and can be repeated anywhere.
# New examples are looked for everywhere else (`make test`, `make explore`); the blob reproduces what they find.
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", max_examples=200, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the repository."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_clinical() -> Path:
    """The folder of published vectors and cases beside the repository."""
    return _shared("clinical")


def _shared(name: str) -> Path:
    """A folder beside the repository. Without it the tests that need it are skipped.

    In CI they fail instead, unless STORMWATCH_NO_SHARED=1 says that this CI has none.
    """
    folder = REPOSITORY.parent / "shared" / name
    if folder.is_dir():
        return folder
    if os.environ.get("CI") and os.environ.get("STORMWATCH_NO_SHARED") != "1":
        pytest.fail(f"CI must run on the real records: ../shared/{name} is absent (STORMWATCH_NO_SHARED=1 allows it)")
    pytest.skip(f"../shared/{name} beside the repository is not on this machine")
