"""Count what a request asks the database, in the thread that counts."""

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext


def questions(key: str, at: str) -> int:
    """Count the statements of a GET that is answered."""
    with CaptureQueriesContext(connections["default"]) as seen:
        answer = Client(headers={"Host": "127.0.0.1", "Authorization": f"Bearer {key}"}).get(f"/api/v1/{at}")
    assert answer.status_code == 200, answer.content
    assert len(seen) > 0, "they are counted"
    return len(seen)
