"""Compile the languages when a wheel is built, so that an installed Tallystick has them and need not write into its own folder."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Languages(BuildHookInterface[Any]):
    """Run before the files of a wheel are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own signature
        """Make every .mo file that is missing or older than its texts, by the same code as the program; an editable one too."""
        file = Path(self.root, "src", "tallystick", "interfaces", "web", "catalogs.py")
        spec = importlib.util.spec_from_file_location("catalogs", file)
        assert spec is not None, "the file is there"
        assert spec.loader is not None, "a file of Python has a loader"
        catalogs = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(catalogs)
        catalogs.compile_stale()
