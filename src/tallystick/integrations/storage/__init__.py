"""Take in files from outside only after a hard look, and keep their bytes where the operator chose."""
