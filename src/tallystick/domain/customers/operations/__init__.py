"""Keep legal entities, people, roles, keys and sign-in links, and the rows of customers and divisions.

Opening a customer and changing its divisions moves funds too: those verbs stand in the subject administration, above.
"""

from tallystick.domain.customers.operations.access import (
    issue_sign_in_link,
    set_membership,
    set_staff,
    spend_sign_in_link,
)
from tallystick.domain.customers.operations.entities import (
    create_bank_account,
    create_legal_entity,
    create_tax_rate,
    set_logo,
    set_setting,
    set_write_off_tolerance,
)
from tallystick.domain.customers.operations.keys import (
    KeyTerms,
    NewKey,
    issue_key,
    make_key,
    make_operator_key,
    revoke_key,
    rotate_key,
)
from tallystick.domain.customers.operations.people import add_person, choose_language, choose_shortcuts
from tallystick.domain.customers.operations.rows import (
    CustomerDraft,
    SettingsDraft,
    add_customer,
    add_division,
    change_settings,
    close_division_row,
    record_change,
    rename_division_row,
    set_separate_funds,
)

__all__ = [
    "CustomerDraft",
    "KeyTerms",
    "NewKey",
    "SettingsDraft",
    "add_customer",
    "add_division",
    "add_person",
    "change_settings",
    "choose_language",
    "choose_shortcuts",
    "close_division_row",
    "create_bank_account",
    "create_legal_entity",
    "create_tax_rate",
    "issue_key",
    "issue_sign_in_link",
    "make_key",
    "make_operator_key",
    "record_change",
    "rename_division_row",
    "revoke_key",
    "rotate_key",
    "set_logo",
    "set_membership",
    "set_separate_funds",
    "set_setting",
    "set_staff",
    "set_write_off_tolerance",
    "spend_sign_in_link",
]
