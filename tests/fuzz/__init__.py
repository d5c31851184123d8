"""Send generated requests to the served demo, by its own OpenAPI document."""
