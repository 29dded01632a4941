"""What the answer of a server says beside its content: success, when to ask again, and when it was asked."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from stormwatch.sources.fhir_store.pages import NoAnswer, problem_code

if TYPE_CHECKING:
    from httpx2 import Response


def success(response: Response) -> bytes:
    """The body. Raises NoAnswer when the answer is no success."""
    if response.is_success:
        return response.content
    if response.is_redirect:
        raise NoAnswer("the server redirects; give the address it really has", response.status_code)
    hint = "; the token is wrong or has expired" if response.status_code == 401 else ""
    raise NoAnswer(f"{said(response)}{hint}", response.status_code)


def said(response: Response) -> str:
    """The status of an answer, and the code of the error if it has one; never its wording."""
    code = problem_code(response.content)
    return f"the server answers with status {response.status_code}" + (f" ({code})" if code else "")


def may_change(response: Response) -> bool:
    """Whether the same question may be answered later: too many requests, or a fault of the server."""
    status = response.status_code
    return status == 429 or (status >= 500 and status != 501)


def retry_after(response: Response) -> float | None:
    """Seconds to wait, as the server asks; it may give a number or a date."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def started_at(response: Response) -> str:
    """The server's time when it was asked, as a FHIR instant; empty where it does not say."""
    try:
        answered = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        return ""
    return datetime.fromtimestamp(answered - response.elapsed.total_seconds(), UTC).isoformat(timespec="seconds")
