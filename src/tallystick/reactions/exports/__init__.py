"""Make files of many rows: small ones at once for a page, others piece by piece in the worker, a job each, so that nothing else waits for a long one."""

from tallystick.reactions.exports.making import forget_export, make_export, whole

__all__ = ["forget_export", "make_export", "whole"]
