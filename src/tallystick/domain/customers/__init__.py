"""Know customers, their divisions and people, and what each may do."""
