"""The portal's tables about people: accounts, sessions, keys, who submitted what, and what was done with them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from services.portal.accounts import Account
from services.portal.sessions import SignedIn

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("called", String(100), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("department", String(64), nullable=False),
    Column("claimed_uscc", String(18), nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_is_first", Boolean, nullable=False),
    Column("totp_secret", Text, nullable=False),
    Column("totp_proved", Boolean, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("proved", Boolean, nullable=False),
    Column("device", String(64), nullable=False, server_default=""),
    Index("sessions_account", "account"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("label", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("api_keys_digest", "digest", unique=True),
    Index("api_keys_account", "account"),
)

# How often somebody failed to sign in: by account and by address.
attempts = Table(
    "attempts",
    metadata,
    Column("subject", String(160), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
)

# Which account submitted an appeal; `mark` tells it only to that account, `uscc` also to its enterprise.
submissions = Table(
    "submissions",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("mark", String(64), nullable=False),
    Column("uscc", String(18), nullable=False),
    Index("submissions_mark", "mark"),
    Index("submissions_uscc", "uscc"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("who", String(100), nullable=False),
    Column("act", String(64), nullable=False),
    Column("about", String(100), nullable=False),
    Column("address", String(64), nullable=False),
    Column("details", JSON, nullable=False),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Account, accounts)
mapper.map_imperatively(SignedIn, sessions)
