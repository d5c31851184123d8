"""Try the business, subject by subject."""
