"""Queue mails, take and note tries, take up what comes back, and let staff steer."""

from tallystick.domain.mail.operations.queueing import Letter, queue_letter
from tallystick.domain.mail.operations.returning import report, stop_alerts
from tallystick.domain.mail.operations.sending import Content, begin_try, fix_content, note_answer, put_off, take_mail
from tallystick.domain.mail.operations.steering import deal_with_mail, resend_mail, retry_mail

__all__ = [
    "Content",
    "Letter",
    "begin_try",
    "deal_with_mail",
    "fix_content",
    "note_answer",
    "put_off",
    "queue_letter",
    "report",
    "resend_mail",
    "retry_mail",
    "stop_alerts",
    "take_mail",
]
