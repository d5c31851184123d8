"""Keep files that somebody asked for: of what, in which form, how far each is made, for its asker alone and for a day."""
