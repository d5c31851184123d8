"""Keep the statement of every month for every fund, as it was made when the month had ended."""
