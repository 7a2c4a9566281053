"""The tables of authority: who may sign in, what each may see and decide, and the audit's chain. No SQL here.

Staff, logins, scopes, policies, covers, ratings and contacts are changed by commands alone: each row names the command
that made it. Who may read a column or call what is said by the rights that the migrations grant. Moments are
microseconds UTC.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from dealerdesk.store.columns import flag, integer, text
from dealerdesk.store.recorded import metadata

staff_logins = Table(
    "staff_logins",
    metadata,
    text("login", key=True),  # the database role that signs in
    Column("staff", Text(), ForeignKey("staff.id"), nullable=False),
    flag("active"),
    integer("made_us"),
    text("command_id", optional=True),
    sqlite_strict=True,
)

staff_scopes = Table(
    "staff_scopes",
    metadata,
    Column("staff", Text(), ForeignKey("staff.id"), primary_key=True),
    text("server", key=True),  # empty: every server
    text("group_name", key=True),  # empty: every group
    text("command_id", optional=True),
    sqlite_strict=True,
)

local_passwords = Table(
    "local_passwords",
    metadata,
    Column("staff", Text(), ForeignKey("staff.id"), primary_key=True),
    text("verifier"),  # argon2id$m=…,t=…,p=…$salt$hash; on PostgreSQL the server itself keeps passwords
    integer("failures"),
    integer("locked_until_us"),
    integer("changed_us"),
    sqlite_strict=True,
)

command_kinds = Table(
    "command_kinds",
    metadata,
    text("kind", key=True),
    text("requesters"),  # JSON: the roles that may ask
    text("always"),  # JSON of commands.records.Need, or null: what no policy can take away
    integer("waits_us"),
    integer("dispatch_within_us"),
    text("executor"),  # bridge or database
    sqlite_strict=True,
)

batches = Table(
    "batches",
    metadata,
    text("id", key=True),
    text("title"),
    text("reason"),
    Column("requested_by", Text(), ForeignKey("staff.id"), nullable=False),
    integer("requested_us"),
    integer("size"),
    sqlite_strict=True,
)

covers = Table(
    "covers",
    metadata,
    text("command_id", key=True),
    Column("absent", Text(), ForeignKey("staff.id"), nullable=False),
    Column("cover", Text(), ForeignKey("staff.id"), nullable=False),
    integer("from_us"),
    integer("until_us"),
    CheckConstraint("absent <> cover", name="two_people"),
    sqlite_strict=True,
)

advice = Table(
    "advice",
    metadata,
    text("server", key=True),
    integer("login", key=True),
    text("kind", key=True),
    text("payload"),  # canonical JSON of the body that was advised
    text("rule"),
    integer("made_us"),
    sqlite_strict=True,
)

client_ratings = Table(
    "client_ratings",
    metadata,
    integer("client_id", key=True),
    text("rating"),
    integer("changed_us"),
    text("command_id", optional=True),
    CheckConstraint("rating IN ('low', 'medium', 'high', 'prohibited')", name="rating"),
    sqlite_strict=True,
)

subject_keys = Table(
    "subject_keys",
    metadata,
    integer("client_id", key=True),
    text("key", optional=True),  # hex; gone when the client was erased
    integer("made_us"),
    integer("destroyed_us", optional=True),
    sqlite_strict=True,
)

contacts = Table(
    "contacts",
    metadata,
    integer("client_id", key=True),
    text("field", key=True),
    text("token"),  # encrypted under the client's key
    integer("changed_us"),
    text("command_id", optional=True),
    CheckConstraint("field IN ('address', 'email', 'phone', 'bank_account', 'tax_id')", name="field"),
    sqlite_strict=True,
)

documents = Table(
    "documents",
    metadata,
    text("id", key=True),
    integer("client_id"),
    text("kind"),
    text("name"),
    text("sha256"),
    Column("content", LargeBinary(), nullable=False),
    integer("added_us"),
    sqlite_strict=True,
)

audit_order = Table(
    "audit_order",
    metadata,
    integer("leaf", key=True),  # 0, 1, 2 …: the place in the sealed tree
    integer("audit_id"),
    UniqueConstraint("audit_id"),
    sqlite_strict=True,
)

audit_seals = Table(
    "audit_seals",
    metadata,
    integer("number", key=True),
    integer("tree_size"),
    text("root"),
    text("frontier"),  # JSON: the roots of the perfect subtrees, largest first, to go on from
    text("statement"),  # canonical JSON, what is signed
    text("statement_hash"),
    text("signature"),
    text("key_id"),
    integer("sealed_us"),
    sqlite_strict=True,
)

hub_lease = Table(
    "hub_lease",
    metadata,
    text("name", key=True),
    text("holder"),
    integer("term"),  # counts up with every new holder: what an earlier one still tries is refused
    integer("renewed_us"),
    integer("expires_us"),
    sqlite_strict=True,
)

Index(None, staff_logins.c.staff)
Index(None, covers.c.cover, covers.c.until_us)
Index(None, documents.c.client_id)
Index(None, audit_seals.c.tree_size)
