"""Hold the one rate limiter of this process, set by the wiring at start; without limits until then."""

from tallystick.interfaces.services_v2 import limiter

_limiter = limiter.Limiter(())


def admit(key_id: str) -> int:
    """Count a request of a key: 0 lets it pass, else the seconds after which to come back."""
    return _limiter.admit(key_id)


def headers(key_id: str) -> dict[str, str]:
    """Say how often a key may ask and may still ask; nothing where there are no limits. Source: draft-ietf-httpapi-ratelimit-headers."""
    policy, left = _limiter.policy, _limiter.left(key_id)
    if not policy or left is None:
        return {}
    named = ", ".join(f'"{one.seconds}s";q={one.count};w={one.seconds}' for one in policy)
    return {"RateLimit-Policy": named, "RateLimit": f'"{policy[-1].seconds}s";r={left}'}


def limit(written: str, *, processes: int = 2) -> None:
    """Set the limits, written "1000/180,100/5" or "off", that so many processes share."""
    global _limiter  # noqa: PLW0603 - one limiter per process, set once at its start
    _limiter.close()
    _limiter = limiter.Limiter(limiter.limits(written), processes=processes)


def close() -> None:
    """Stop counting, and close the limiter's connections."""
    _limiter.close()
