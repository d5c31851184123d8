"""Open one untrusted file in a process that may use little memory and time, and write it out without what acts.

Run by `files.accept`: the media type is the argument, the bytes come on standard input and go to standard output, the exit code is the verdict.
"""

import io
import resource
import sys

import pikepdf
from pikepdf import sanitize
from PIL import Image, UnidentifiedImageError

from tallystick.integrations.storage.verdicts import Verdict

_MEMORY_BYTES = 640 * 1024 * 1024
_PROCESSOR_SECONDS = 20
_MOST_PAGES = 500
_MOST_PIXELS = 50_000_000


class _Refused(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict


def clean_pdf(content: bytes) -> bytes:
    """Take scripts, attachments, launches, links out, multimedia and forms that act out of a PDF; the same bytes for the same file."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise _Refused(Verdict.ENCRYPTED)
            if not 0 < len(pdf.pages) <= _MOST_PAGES:
                raise _Refused(Verdict.TOO_LARGE if pdf.pages else Verdict.DAMAGED)
            cleaner = sanitize.Sanitizer().remove_javascript().remove_attachments().remove_external_access()
            cleaner.remove_multimedia().remove_web_capture().remove_private_app_data().remove_thumbnails().apply(pdf)
            form = pdf.Root.get("/AcroForm")
            if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
                del form["/XFA"]
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True, stream_decode_level=pikepdf.StreamDecodeLevel.none)
            return out.getvalue()
    except pikepdf.PasswordError as locked:
        raise _Refused(Verdict.ENCRYPTED) from locked
    except pikepdf.PdfError as damaged:
        raise _Refused(Verdict.DAMAGED) from damaged


def check_image(content: bytes, form: str) -> bytes:
    """Decode an image wholly, so that a damaged or exploding one is refused; its bytes stay as they are."""
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise _Refused(Verdict.TOO_LARGE)
            image.load()
    except Image.DecompressionBombError as bomb:
        raise _Refused(Verdict.TOO_LARGE) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as damaged:
        raise _Refused(Verdict.DAMAGED) from damaged
    return content


def main() -> int:
    """Set the limits, then read, look and write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        match sys.argv[1]:
            case "application/pdf":
                cleaned = clean_pdf(content)
            case "image/png":
                cleaned = check_image(content, "PNG")
            case _:
                cleaned = check_image(content, "JPEG")
    except _Refused as refused:
        return refused.verdict
    sys.stdout.buffer.write(cleaned)
    sys.stdout.buffer.flush()
    return Verdict.CLEAN


if __name__ == "__main__":
    sys.exit(main())
