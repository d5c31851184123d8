"""Wire the parts together: settings, environment, addresses, the server's application."""
