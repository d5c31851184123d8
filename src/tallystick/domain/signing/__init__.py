"""Keep the keys that sign each legal entity's documents: one that signs, and the public halves of all before it."""
