"""A page as headless Chromium lays it out: what is cut off, runs over the edge, or lies on something else.

The measuring script is put into a copy of the page; the report itself has none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

_MEASURE = """
<script>
document.querySelectorAll('details').forEach(one => one.open = true);
const faults = [];
const root = document.documentElement;
if (root.scrollWidth > innerWidth) faults.push('the page is wider than the window: ' + root.scrollWidth);
document.querySelectorAll('body *').forEach(one => {
  if (one.closest('svg') || one.closest('.scroll') || one.closest('.skip')) return;
  const box = one.getBoundingClientRect();
  if (box.width && (box.right > innerWidth + 1 || box.left < -1)) faults.push('runs over the edge: ' + one.tagName);
});
let texts = 0;
document.querySelectorAll('figure svg').forEach(svg => {
  if (svg.ownerSVGElement || !svg.getClientRects().length) return;
  const sheet = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim()).map(one => {
    const box = one.getBoundingClientRect(), said = one.textContent;
    if (said.endsWith('\\u2026')) faults.push('cut short: ' + said);
    if (box.left < sheet.left - 1 || box.right > sheet.right + 1 || box.top < sheet.top - 1
        || box.bottom > sheet.bottom + 1) faults.push('outside its drawing: ' + said);
    const air = box.height * 0.2;  // the box of a line is higher than its letters
    return {said, left: box.left + 1, right: box.right - 1, top: box.top + air, bottom: box.bottom - air};
  });
  texts += boxes.length;
  boxes.sort((a, b) => a.top - b.top);
  boxes.forEach((a, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom; j++) {
      const b = boxes[j];
      if (a.left < b.right && b.left < a.right) faults.push('on each other: ' + a.said + ' | ' + b.said);
    }
  });
});
parent.postMessage(JSON.stringify({width: innerWidth, texts, faults}), '*');
</script>
"""

# Chromium opens no window narrower than 500 pixels; a frame can be as narrow as a telephone.
_FRAME = """<!DOCTYPE html><iframe src="page.html" style="width: {width}px; height: 2400px; border: 0"></iframe>
<pre id="measured"></pre>
<script>onmessage = told => document.getElementById('measured').textContent = told.data</script>
"""


def chromium() -> str:
    """The browser of the system. Without it the test is skipped, but not in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI must look at the pages: install chromium")
        pytest.skip("Chromium is not on this machine")
    return found


def faults(page: str, width: int, folder: Path) -> list[str]:
    """What is wrong with the layout of a page in a window of this width."""
    measured = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    (folder / "page.html").write_text(measured.replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(_FRAME.format(width=width), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"]
    command = [
        chromium(),
        *options,
        "--window-size=1400,2600",
        f"--user-data-dir={folder / 'profile'}",
        "--dump-dom",
        frame.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    told = re.search(r'<pre id="measured">(.+?)</pre>', done.stdout, flags=re.DOTALL)
    assert told is not None, "the page was not measured"
    found = json.loads(unescape(told[1]))
    assert found["width"] == width
    assert found["texts"] > 0 or "<figure" not in page
    return list(found["faults"])
