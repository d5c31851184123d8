"""Keep the house rules that no linter knows. Each checker is tried on a planted violation too, so that it can fail."""
