"""Try the pages."""
