"""Hold the business: one package a subject, each with rules, models, queries and operations."""
