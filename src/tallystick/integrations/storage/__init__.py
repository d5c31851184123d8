"""Take in files from outside only after a hard look, and keep their bytes where the operator chose."""

from tallystick.integrations.storage.files import LARGEST_BYTES, Accepted, Kind, accept

__all__ = ["LARGEST_BYTES", "Accepted", "Kind", "accept"]
