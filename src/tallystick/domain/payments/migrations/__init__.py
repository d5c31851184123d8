"""Keep the steps that made the tables of payments."""
