"""Try the outside world's stand-ins and adapters."""
