"""Name what the database itself fills in."""

from django.db.models import BigIntegerField, Func, Value

JOURNAL_NUMBER = Func(Value("ledger_transfer_number"), function="nextval", output_field=BigIntegerField())
"""Give a row its place in the order of the journal: taken under the funds' locks, it stands after what was posted and before what is joined later."""
