"""See that statements foot to the journal, and that a month is stated once."""
