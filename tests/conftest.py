"""What all tests share: the Hypothesis profiles and the folder of real records."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]

# Examples differ from run to run, so that CI goes on finding things; the blob reproduces a failure elsewhere.
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=False, print_blob=True)
settings.register_profile("dev", max_examples=200, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the repository.

    Without it the tests that need it are skipped. In CI they fail instead, unless STORMWATCH_NO_SHARED=1 says
    that this CI has none.
    """
    folder = REPOSITORY.parent / "shared" / "data"
    if folder.is_dir():
        return folder
    if os.environ.get("CI") and os.environ.get("STORMWATCH_NO_SHARED") != "1":
        pytest.fail("CI must run on the real records: ../shared/data is absent (STORMWATCH_NO_SHARED=1 allows it)")
    pytest.skip("the real records, ../shared/data beside the repository, are not on this machine")
