"""Keep the journal: the only place where money moves."""
