"""Take messages from gateways: verify, store, answer 200; the worker acts on them."""
