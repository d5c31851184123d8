"""Tell the demo's story."""

from tallystick.interfaces.cli.story.tell import Story, tell

__all__ = ["Story", "tell"]
