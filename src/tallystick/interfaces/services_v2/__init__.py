"""Answer programs written against CertCentral's finance API: the frozen face of the system (certcentral-api.md)."""
