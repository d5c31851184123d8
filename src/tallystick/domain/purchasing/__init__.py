"""Take purchase orders in, review them, and turn each approved one into an invoice in the same transaction."""
