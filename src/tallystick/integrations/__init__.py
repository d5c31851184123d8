"""Stand between us and what we do not own: the database server, gateways, mail, files, documents."""
