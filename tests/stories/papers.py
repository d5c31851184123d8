"""Make the documents that people upload, good and bad ones."""

import io

import pikepdf


def pdf(pages: int = 1) -> bytes:
    """Make a PDF of empty pages."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
