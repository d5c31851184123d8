"""Lay out customers, divisions and people; legal entities with their rates and bank accounts; keys and sign-in links."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tallystick.domain.customers import rules
from tallystick.domain.customers.tax_categories import TaxCategory
from tallystick.lib import ids


class LegalEntity(models.Model):
    """Name one company of the operator, as it stands on its documents; `logo_sha256` names the logo of the next ones, empty for none."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    address = models.TextField()
    country = models.CharField(max_length=2)
    tax_number = models.TextField(blank=True)
    email = models.TextField(blank=True)
    time_zone = models.TextField(default="UTC")
    logo_sha256 = models.TextField(default="", db_default="", blank=True)


class Logo(models.Model):
    """Keep a logo under its SHA-256, as SVG; documents are drawn with the one that was frozen with them, so none is ever changed (append-only)."""

    sha256 = models.TextField(primary_key=True)
    svg = models.TextField()
    made_at = models.DateTimeField(db_default=Now())


class TaxRate(models.Model):
    """Keep a tax rate, to six decimals of a percent; `category` is one of UNCL 5305, and `reason` says on documents why nothing is taxed."""

    id = models.BigAutoField(primary_key=True)
    legal_entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT)
    name = models.TextField()
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    category = models.TextField(default="S", db_default="S")
    reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(category__in=list(TaxCategory)), name="tax_category"),
            models.CheckConstraint(condition=Q(category="S", percent__gt=0) | Q(~Q(category="S"), percent=0), name="tax_category_fits"),
        ]


class BankAccount(models.Model):
    """Keep an account of a legal entity into which customers pay."""

    id = models.BigAutoField(primary_key=True)
    legal_entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    holder = models.TextField()
    bank_name = models.TextField(blank=True)
    account = models.TextField()
    bic = models.TextField(blank=True)


class PersonManager(BaseUserManager["Person"]):
    """Find people by e-mail."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Find a person whatever the letter case of the address."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Stand for someone who signs in; global, because one person may belong to several customers."""

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(unique=True)
    name = models.TextField()
    locale = models.TextField(default="", db_default="", blank=True)
    theme = models.TextField(default="")
    shortcuts = models.BooleanField(default=True, db_default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class Staff(models.Model):
    """Give a person a role on the operator's side."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT)
    role = models.TextField()
    is_active = models.BooleanField(default=True)


class SignInLink(models.Model):
    """Keep the hash of a one-time sign-in link: for the demo, invitations and the first administrator."""

    token_sha256 = models.BinaryField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Setting(models.Model):
    """Keep one setting of the operator (four_eyes, first_run_token_sha256, ...), as JSON."""

    name = models.TextField(primary_key=True)
    value = models.JSONField()


class Customer(models.Model):
    """Name an organisation that buys on account; its id is the customer_id of all its rows.

    `time_zone` is that of its legal entity, where a question brings it (queries.customer).
    """

    time_zone: str

    id = models.BigAutoField(primary_key=True)
    legal_entity_id = models.BigIntegerField()
    tax_rate_id = models.BigIntegerField(null=True)
    name = models.TextField()
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    vat_number = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    terms_days = models.IntegerField(default=30)
    separate_funds = models.BooleanField(default=False)
    notify_below_minor = models.BigIntegerField(null=True)
    billing_name = models.TextField(blank=True)
    billing_email = models.TextField(blank=True)
    recipients = models.JSONField(default=list)
    payment_methods = models.JSONField(
        default=rules.every_method, db_default=models.Value(list(rules.PAYMENT_METHODS), output_field=models.JSONField())
    )
    default_method = models.TextField(default="card", db_default="card")
    locale = models.TextField(default="en")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())


class Division(models.Model):
    """Name one division in the customer's tree; the one without a parent is the top-level division."""

    customer_id = models.BigIntegerField()
    id = models.BigAutoField(primary_key=True)
    parent_id = models.BigIntegerField(null=True)
    name = models.TextField()
    description = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id"], condition=models.Q(parent_id__isnull=True), name="one_top_division"),
            models.UniqueConstraint(fields=["customer_id", "parent_id", "name"], name="one_name_below_a_parent"),
        ]


class Membership(models.Model):
    """Let a person work for a customer in a role; restricted to some divisions or not."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    person_id = models.BigIntegerField()
    role = models.TextField()
    division_ids = models.JSONField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "person_id"], name="one_membership_per_person"),
        ]


class Change(models.Model):
    """Keep a change of a customer with its date: division tree, separate funds, settings (append-only)."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    kind = models.TextField()
    facts = models.JSONField()
    changed_at = models.DateTimeField(db_default=Now())
    viewer_name = models.TextField()


class ApiKey(models.Model):
    """Keep the hash of a key in a directory that no customer owns: the customer is found by the key, never by the request.

    `role` is the person's, kept equal by whatever changes it; `division_ids` None means every division; `networks` from where it may be used,
    empty means from everywhere. A key of the operator's has no customer. `follows_id` names the key that this one took the place of.
    """

    id = models.UUIDField(primary_key=True, default=ids.new)
    kind = models.TextField(default=rules.KeyKind.CUSTOMER, db_default=models.Value("customer"))
    sha256 = models.BinaryField(unique=True)
    shown_start = models.TextField()
    name = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField()
    role = models.TextField()
    division_ids = models.JSONField(null=True)
    scopes = models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))
    networks = models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    follows_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id"], name="key_of_customer")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="customer", customer_id__isnull=False) | models.Q(kind="operator", customer_id__isnull=True),
                name="key_of_somebody",
            ),
        ]


class KeyChange(models.Model):
    """Keep what was done to a key of the operator's (append-only); what is done to a customer's is an event of that customer."""

    id = models.UUIDField(primary_key=True, default=ids.new)
    key_id = models.UUIDField()
    kind = models.TextField()
    facts = models.JSONField()
    changed_at = models.DateTimeField(db_default=Now())
    person_id = models.BigIntegerField(null=True)
    viewer_name = models.TextField()
