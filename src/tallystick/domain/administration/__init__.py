"""Open customers and change their divisions: verbs that touch people, funds, invoices and purchase orders at once."""
