"""Take card payments through gateways: one protocol, our own plain HTTP gateway client, and a fake gateway that is a real server."""
