"""Make a Factur-X document of a PDF that carries the XML of its invoice; what that takes is loaded by another process (integrations/apart)."""

from tallystick.integrations import apart

FILE_NAME = "factur-x.xml"


def hybrid(content: bytes) -> bytes:
    """Mark a PDF that has factur-x.xml attached as a Factur-X document of the profile EN 16931. Raises UnavailableError."""
    return apart.DRAWING.ask("tallystick.integrations.einvoicing.metadata:mark", {}, content)[1]
