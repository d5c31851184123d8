"""Tell each journey as its cast lives it: over HTTP or in a real browser, on one served demo."""
