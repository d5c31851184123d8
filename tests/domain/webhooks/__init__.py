"""Test endpoints, messages and retries."""
