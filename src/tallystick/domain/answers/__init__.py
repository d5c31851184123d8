"""Remember what programs were answered, so that the same request has its effect once and the same answer again (native-api.md)."""
