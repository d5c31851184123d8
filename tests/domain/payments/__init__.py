"""Try payments: rules without a database, verbs on PostgreSQL, cards through the fake gateway over HTTP."""
