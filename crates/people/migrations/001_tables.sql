-- Who may do what. Times are milliseconds since 1970. No password, token, code or key stands here in clear.

-- That the file is opened under the key that it was made with.
CREATE TABLE sealed_under (
    one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    proof BLOB    NOT NULL
) STRICT;

CREATE TABLE account (
    name         TEXT    NOT NULL PRIMARY KEY,
    display      TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    merchant     TEXT,                        -- none: sees all merchants
    language     TEXT    NOT NULL,
    password     TEXT    NOT NULL,            -- argon2id, as a PHC string
    must_change  INTEGER NOT NULL,
    totp         BLOB,                        -- sealed; none: no one-time codes yet
    totp_offered BLOB,                        -- sealed; not confirmed by a code yet
    totp_step    INTEGER NOT NULL DEFAULT 0,  -- the last step whose code was taken
    demo         INTEGER NOT NULL,
    disabled     INTEGER NOT NULL,
    created      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash    BLOB    NOT NULL PRIMARY KEY,     -- keyed hash of the token
    account TEXT    NOT NULL REFERENCES account,
    role    TEXT    NOT NULL,                 -- at the time of signing in
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account, created);

CREATE TABLE api_key (
    id       TEXT    NOT NULL PRIMARY KEY,
    hash     BLOB    NOT NULL,                -- keyed hash of the secret
    label    TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    merchant TEXT,
    made_by  TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    used     INTEGER,
    revoked  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What needs a second person. pending, then approved (and taken once), refused or expired.
CREATE TABLE proposal (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    permission TEXT    NOT NULL,              -- what both persons must be allowed
    kind       TEXT    NOT NULL,
    action     BLOB    NOT NULL,
    about      TEXT    NOT NULL,
    by         TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    second     TEXT,
    decided    INTEGER,
    outcome    TEXT
) STRICT;
CREATE INDEX proposal_pending ON proposal (id) WHERE state = 'pending';

-- Requests that were made under a key of the asker's, and what was answered.
CREATE TABLE request (
    account     TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    status      INTEGER,                      -- none: under way, or its end was not seen
    body        BLOB,
    at          INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_at ON request (at);

-- Append-only, numbered without gaps, each line hashed with the one before.
CREATE TABLE audit (
    no      INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    address TEXT    NOT NULL,
    what    TEXT    NOT NULL,
    about   TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    hash    BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_who ON audit (who, no);
CREATE INDEX audit_what ON audit (what, no);
CREATE INDEX audit_about ON audit (about, no);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a line of the audit log is never changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'a line of the audit log is never deleted'); END;
