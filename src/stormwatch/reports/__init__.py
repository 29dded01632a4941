"""Reports to look at: one payload, rendered as HTML, PDF, Markdown and JSON."""
