"""Hold plain values that every floor may use: no Django, no input or output."""
