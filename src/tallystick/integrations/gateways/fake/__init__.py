"""Stand in for a card gateway on loopback: a real HTTP server with a payment page, behaviors by card number, and signed messages.

Run by `python -m tallystick.integrations.gateways.fake --port 0 --hook-url URL --secret-file FILE [--json]`; tests use `server.start`.
Everything is kept in memory and bounded; nothing here moves money.
"""
