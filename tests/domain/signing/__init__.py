"""See the keys that sign documents: one at a time, locked up, published for ever."""
