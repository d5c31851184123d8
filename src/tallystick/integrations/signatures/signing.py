"""Sign with one key: what the making of documents needs, without the key in sight."""

from dataclasses import dataclass, field

from tallystick.integrations.signatures import codes, sealing
from tallystick.integrations.signatures.papers import Paper


@dataclass(frozen=True, slots=True)
class Signer:
    """Hold a legal entity's key that is good by now, and the address below which the operator answers."""

    key: str
    url: str
    private: bytes = field(repr=False)

    def code(self, paper: Paper) -> str:
        """Write the code for the foot of a document that is about to be drawn: about 250 characters."""
        return codes.written(paper, private=self.private, key=self.key, url=self.url)

    def sealed(self, content: bytes, paper: Paper) -> bytes:
        """Seal a finished PDF; whatever is done to it afterwards shows."""
        return sealing.sealed(content, paper, private=self.private, key=self.key)
