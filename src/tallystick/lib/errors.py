"""Name the refusals: answers to a person or program, not faults of ours.

A refusal has a stable code for programs and a sentence for people that says what to do. Everything that is not a refusal is a bug.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """Refuse what was asked, and change nothing.

    `field` names the input it is about; `facts` carries figures that the door may show (amounts in minor units).
    """

    code = "refused"

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None, facts: Mapping[str, object] | None = None) -> None:
        """Keep the sentence and, where given, a code narrower than the class's own."""
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.field = field
        self.facts: dict[str, object] = dict(facts or {})


class NotFound(Refusal):
    """Say that there is no such thing for this viewer, whether or not it exists for another."""

    code = "not_found"


class NotAllowed(Refusal):
    """Say that this viewer may not do this."""

    code = "not_allowed"


class Conflict(Refusal):
    """Say that the thing is not in a state in which this can be done."""

    code = "conflict"


class Invalid(Refusal):
    """Say that the input can not be right, and which field to mend."""

    code = "invalid"


class InvalidFields(Invalid):
    """Say of several fields at once what to mend: field name to sentence, in the order of the form."""

    code = "invalid_fields"

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep every field's own sentence; the first stands for all."""
        self.fields = dict(fields)
        first = next(iter(self.fields))
        super().__init__(self.fields[first], field=first)


class InsufficientFunds(Refusal):
    """Say that the amount is more than what is available; `facts` has available_minor, required_minor, limit_minor, used_by_others_minor."""

    code = "insufficient_funds"
