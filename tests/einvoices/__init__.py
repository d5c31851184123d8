"""Prove whole documents: from the books to the PDF, its XML in both syntaxes, and back to the books."""
