"""Name what is refused of mails."""

from tallystick.lib import errors


class MailNotFound(errors.NotFound):
    """Say that there is no such mail for this viewer."""

    code = "mail_not_found"


class MailNotReturned(errors.Conflict):
    """Say that only a mail that came back, or that no server took, is tried again."""

    code = "mail_not_returned"


class MailNotWritten(errors.Conflict):
    """Say that a mail whose words are not fixed yet can not be sent to somebody else."""

    code = "mail_not_written"
