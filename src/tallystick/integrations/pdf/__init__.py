"""Draw documents as PDF: frozen facts in, the same bytes out on every machine."""
