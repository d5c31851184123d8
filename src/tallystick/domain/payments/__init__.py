"""Receive, allocate, refund and reverse money: what a payer asked for, what arrived, and what became of it."""
