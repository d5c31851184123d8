"""Electronic invoices by EN 16931: their terms, the process that writes and checks them, and their place in a PDF (Factur-X)."""
