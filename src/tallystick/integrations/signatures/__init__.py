"""Sign issued documents with Ed25519, and tell without any database whether a file is one of them as it was issued (ADR 0024)."""
