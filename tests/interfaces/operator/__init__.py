"""Try the operator's pages."""
