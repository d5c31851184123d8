"""The Python client: alone, against the application, and against the server as it is served."""
