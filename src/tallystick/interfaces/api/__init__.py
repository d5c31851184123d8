"""Answer programs in our own words, version 1: charges and holds for unattended clients (native-api.md)."""
