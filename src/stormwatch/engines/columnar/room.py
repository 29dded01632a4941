"""Room for columns that are soon given up again.

It comes from Arrow, which keeps what is given back for the next to ask. Room that the system must give each time costs
more, page by page, than all that is done with it here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def room(count: int, kind: Any) -> npt.NDArray[Any]:
    """A column that holds anything yet."""
    kind = np.dtype(kind)
    found: npt.NDArray[Any] = np.frombuffer(pa.allocate_buffer(count * kind.itemsize), kind)
    return found
