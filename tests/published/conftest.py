"""What the tests on published vectors and cases share: the folder they are in, and the points of the Naranjo scale."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# Yes and no of each question (Naranjo 1981; PMC5774610 table 2). Not known or not done is 0 throughout.
NARANJO = {
    **{number: (1, 0) for number in (1, 3, 7, 8, 9, 10)},
    **{number: (2, -1) for number in (2, 4)},
    5: (-1, 2),
    6: (-1, 1),
}


@pytest.fixture(scope="session")
def shared_clinical() -> Path:
    """The folder of published vectors and cases beside the repository.

    Without it the tests that need it are skipped. In CI they fail instead, unless STORMWATCH_NO_SHARED=1 says
    that this CI has none.
    """
    folder = REPOSITORY.parent / "shared" / "clinical"
    if folder.is_dir():
        return folder
    if os.environ.get("CI") and os.environ.get("STORMWATCH_NO_SHARED") != "1":
        pytest.fail("CI must run on the published cases: ../shared/clinical is absent (STORMWATCH_NO_SHARED=1 allows it)")
    pytest.skip("the published cases, ../shared/clinical beside the repository, are not on this machine")


@pytest.fixture(scope="session")
def naranjo_answers():
    """Turns printed points by question number into answers. A question that is not printed was given 0 points.

    Where 0 is the points of a no, 0 is taken as no; elsewhere it can only mean not known or not done.
    """

    def answers(points):
        return dict(_naranjo_answer(number, int(points.get(number, 0))) for number in NARANJO)

    return answers


def _naranjo_answer(number, points):
    yes, no = NARANJO[number]
    if points == yes:
        return f"naranjo_q{number}", True
    if points == no:
        return f"naranjo_q{number}", False
    assert points == 0
    return f"naranjo_q{number}_not_known", True
