"""Try the doors for programs: as the server runs them, and through real HTTP."""
