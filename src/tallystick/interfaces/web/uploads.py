"""Keep no more of an upload than can be accepted: a file of any size costs a little over 10 MB of disk, and is refused as too large."""

from django.core.files.uploadhandler import FileUploadHandler

KEPT_BYTES = 10 * 1024 * 1024 + 2**17
"""A little more than the limit of integrations.storage, so that it sees that there was more."""


class Capped(FileUploadHandler):
    """Let the start of a file through to the next handler and drop the rest (first in `FILE_UPLOAD_HANDLERS`)."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass a chunk on while there is room; nothing returned is nothing stored."""
        return raw_data if start < KEPT_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
