"""Prove that the books stay right: a random bookkeeper against an auditor, the laws, races and crashes."""
