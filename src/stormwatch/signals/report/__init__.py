"""The report on a pair: one payload, and the page, the PDF, the JSON and the table that are made of it."""
