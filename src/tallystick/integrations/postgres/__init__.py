"""Speak with PostgreSQL: the embedded server, the roles, the scope of one viewer's transaction, the rules every table keeps."""
