"""Do what follows an event, after its change is committed."""
