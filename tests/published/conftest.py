"""What the tests on published vectors and cases share: the points of the Naranjo scale."""

from __future__ import annotations

import pytest

# Yes and no of each question (Naranjo 1981; PMC5774610 table 2). Not known or not done is 0 throughout.
NARANJO = {
    **dict.fromkeys((1, 3, 7, 8, 9, 10), (1, 0)),
    **dict.fromkeys((2, 4), (2, -1)),
    5: (-1, 2),
    6: (-1, 1),
}


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
