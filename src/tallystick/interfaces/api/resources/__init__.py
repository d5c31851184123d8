"""Word each resource of /api/v1: its shapes, and the operations of the domain that its routes call (framework says how one is added)."""
