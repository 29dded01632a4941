"""The version of the installed software, read only when asked for."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def version() -> str:
    from importlib.metadata import version as installed

    return installed("stormwatch")
