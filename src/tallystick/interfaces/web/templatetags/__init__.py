"""Hold what templates may call."""
