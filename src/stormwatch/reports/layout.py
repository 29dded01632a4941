"""What the picture shows and in which order: panels, strips, the map, and which drugs come first."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def layout() -> dict[str, Any]:
    """The layout of the picture, from ``data/panels.toml``.

    >>> [panel["id"] for panel in layout()["panels"]][:2]
    ['temperature', 'ferritin']
    """
    return tomllib.loads(Path(__file__).with_name("data").joinpath("panels.toml").read_text(encoding="utf-8"))
