"""Record what happened, once, beside the change itself; number it after commit; hand it to the reactions."""
