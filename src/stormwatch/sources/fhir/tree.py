"""Walking parsed JSON that may have any shape: a member of the wrong type counts as missing."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]


def node(parent: Node, key: str) -> Node:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def nodes(parent: Node, key: str) -> list[Node]:
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(parent: Node, key: str) -> str:
    """A text or number as written, without surrounding spaces; empty when missing."""
    value = parent.get(key)
    return value.strip() if isinstance(value, str) else ""
