"""The report as a PDF on A4, made of the same page."""

from __future__ import annotations

from stormwatch.errors import UsageError


def pdf(page: str) -> bytes:
    """A page of HTML as a tagged PDF (PDF/UA-1). Nothing is fetched, whatever the page names.

    Args:
        page: from ``html`` with ``paper``.

    Raises:
        UsageError: the extra ``report`` or the system library Pango is missing.

    >>> pdf("<html lang='en'><title>Report</title><p>Nothing to say.")[:5]
    b'%PDF-'
    """
    try:
        import weasyprint
    except ImportError:
        raise UsageError('a PDF needs one more package: pip install "stormwatch[report]"') from None
    except OSError:
        raise UsageError(
            "a PDF needs the library Pango from the system: apt install libpango-1.0-0 libpangoft2-1.0-0 "
            "(macOS: brew install pango)"
        ) from None
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    made: bytes = weasyprint.HTML(string=page, url_fetcher=nothing).write_pdf(pdf_variant="pdf/ua-1")
    return made
