"""Serve the HTML pages: one file for a page, one template beside it, the site map in urls.py."""
