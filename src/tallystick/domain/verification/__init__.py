"""Prove the books: re-add the journal and the documents, and compare with every figure that is kept."""
