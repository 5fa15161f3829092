-- Every hot table begins with `shard`. A key that may begin with a payment's id does so: ids grow with time, so
-- what a batch writes lies on the last few pages and not on one page per shard, and the log stays small. For the
-- same reason `tally` and `fact`, whose rows are long, lie in the order of their arrival and have a slim index.

CREATE TABLE tally (
    shard   INTEGER NOT NULL,
    id      BLOB    NOT NULL,
    version INTEGER NOT NULL,
    state   BLOB    NOT NULL,
    card    BLOB,               -- the card's token; the sealed number stands in `card`, or was erased
    PRIMARY KEY (id, shard)
) STRICT;

CREATE TABLE terminal (
    shard    INTEGER NOT NULL,
    merchant TEXT    NOT NULL,
    terminal TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    state    BLOB    NOT NULL,
    PRIMARY KEY (merchant, terminal)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
    shard  INTEGER NOT NULL,
    handle BLOB    NOT NULL,
    tally  BLOB    NOT NULL,
    leg    INTEGER NOT NULL,
    once   INTEGER NOT NULL,    -- 1: unique, a second entry with it is refused; 0: a later one takes its place
    day    INTEGER NOT NULL,    -- business day, for pruning
    PRIMARY KEY (shard, handle)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_of ON identity (tally);

CREATE TABLE duty (
    shard INTEGER NOT NULL,
    tally BLOB    NOT NULL,
    leg   INTEGER NOT NULL,
    kind  INTEGER NOT NULL,     -- in the order of `DutyKind`
    due   INTEGER NOT NULL,     -- milliseconds since 1970
    PRIMARY KEY (tally, shard, leg, kind, due)
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_due ON duty (due, shard, tally, leg, kind);

CREATE TABLE fact (
    shard   INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    subject BLOB    NOT NULL,   -- P and a payment's id, T and a terminal's merchant and number, or N
    run     INTEGER NOT NULL,   -- with an entry's first fact: how many facts the entry has; with the others: 0
    day     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL,   -- the exact bytes that were hashed
    hash    BLOB    NOT NULL,
    PRIMARY KEY (shard, seq)
) STRICT;
-- An entry's facts have numbers in a row, so that the first leads to all.
CREATE INDEX fact_of ON fact (subject, shard, seq, run) WHERE run > 0;

CREATE TABLE posting (
    shard   INTEGER NOT NULL,
    tally   BLOB    NOT NULL,
    version INTEGER NOT NULL,   -- of the payment's row, by whose commit it was made
    place   INTEGER NOT NULL,   -- among that commit's postings
    day     INTEGER NOT NULL,
    leg     INTEGER NOT NULL,
    debit   TEXT    NOT NULL,
    credit  TEXT    NOT NULL,
    pending INTEGER NOT NULL,   -- minor units, as all amounts
    posted  INTEGER NOT NULL,
    PRIMARY KEY (tally, shard, version, place)
) STRICT, WITHOUT ROWID;

-- STRICT makes a sum that leaves 64 bits an error, where SQLite would otherwise go on in floating point.
CREATE TABLE balance (
    shard          INTEGER NOT NULL,
    account        TEXT    NOT NULL,
    debit_posted   INTEGER NOT NULL,
    credit_posted  INTEGER NOT NULL,
    debit_pending  INTEGER NOT NULL,
    credit_pending INTEGER NOT NULL,
    PRIMARY KEY (shard, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE head (
    shard INTEGER NOT NULL PRIMARY KEY,
    seq   INTEGER NOT NULL,
    hash  BLOB    NOT NULL
) STRICT;

CREATE TABLE card (
    shard  INTEGER NOT NULL,
    token  BLOB    NOT NULL,
    sealed BLOB    NOT NULL,
    PRIMARY KEY (shard, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
    node INTEGER NOT NULL PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT;

CREATE TABLE lease (
    counter TEXT    NOT NULL PRIMARY KEY,
    next    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER fact_is_never_changed BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER fact_is_never_deleted BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER posting_is_never_changed BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
CREATE TRIGGER posting_is_never_deleted BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
