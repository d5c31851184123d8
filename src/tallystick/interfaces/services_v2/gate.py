"""Hold the one rate limiter of this process, set by the wiring at start; without limits until then."""

from tallystick.interfaces.services_v2 import limiter

_limiter = limiter.Limiter(())


def admit(key_id: str) -> int:
    """Count a request of a key: 0 lets it pass, else the seconds after which to come back."""
    return _limiter.admit(key_id)


def limit(written: str, *, processes: int = 2) -> None:
    """Set the limits, written "1000/180,100/5" or "off", that so many processes share."""
    global _limiter  # noqa: PLW0603 - one limiter per process, set once at its start
    _limiter.close()
    _limiter = limiter.Limiter(limiter.limits(written), processes=processes)


def close() -> None:
    """Stop counting, and close the limiter's connections."""
    _limiter.close()
