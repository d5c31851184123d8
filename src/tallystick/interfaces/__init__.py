"""Hold the doors: words from outside, one domain call, words back."""
