"""Try purchase orders."""
