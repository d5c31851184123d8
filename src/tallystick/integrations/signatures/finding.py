"""Look for signed facts in a PDF that another program saved anew, in a process that may use little memory and time.

Run by `checking`: the file comes on standard input, the facts go to standard output, the exit code says what was found.
"""

import io
import resource
import sys
import zlib

import pikepdf

from tallystick.integrations.signatures.statements import LARGEST_STATEMENT, NAME, Found

_MEMORY_BYTES = 640 * 1024 * 1024
_PROCESSOR_SECONDS = 10


def look(content: bytes) -> tuple[Found, bytes]:
    """Open the PDF without mending it, and give the first of its attachments that bears our name."""
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                return Found.ENCRYPTED, b""
            if not len(pdf.pages):
                return Found.DAMAGED, b""
            found = [spec for spec in pdf.attachments.values() if spec.filename == NAME]
            if found:
                return Found.STATEMENT, _decoded(found[0].obj.EF.F)
    except pikepdf.PasswordError:
        return Found.ENCRYPTED, b""
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError):
        return Found.DAMAGED, b""
    return Found.NOTHING, b""


def _decoded(stream: pikepdf.Object) -> bytes:
    """Decode a stream so far as a statement is long; empty where it is coded in a way that we do not know."""
    raw = stream.read_raw_bytes()
    used = stream.get("/Filter")
    if used is None:
        return raw[:LARGEST_STATEMENT]
    filters = [str(one) for one in used] if isinstance(used, pikepdf.Array) else [str(used)]
    if filters != ["/FlateDecode"] or "/DecodeParms" in stream:
        return b""
    try:
        return zlib.decompressobj().decompress(raw, LARGEST_STATEMENT)
    except zlib.error:
        return b""


def main() -> int:
    """Set the limits, then read, look and write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found, statement = look(sys.stdin.buffer.read())
    sys.stdout.buffer.write(statement)
    sys.stdout.buffer.flush()
    return found


if __name__ == "__main__":
    sys.exit(main())
