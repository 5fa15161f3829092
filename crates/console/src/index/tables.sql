-- Rows that are derived from the store's facts and can be built again at any time.

-- The last fact of each shard that has been taken in.
CREATE TABLE place (
    shard INTEGER NOT NULL PRIMARY KEY,
    seq   INTEGER NOT NULL
) STRICT;

-- One row a payment. Ids grow with time, so that the newest are found by id.
CREATE TABLE payment (
    id       BLOB    NOT NULL PRIMARY KEY,
    opened   INTEGER NOT NULL,      -- milliseconds since 1970
    merchant TEXT    NOT NULL,
    last4    TEXT    NOT NULL,
    amount   INTEGER NOT NULL,      -- minor units
    view     TEXT    NOT NULL,
    open     INTEGER NOT NULL,      -- 1: not matched, or something is owed
    at_risk  INTEGER NOT NULL,      -- minor units
    row      TEXT    NOT NULL       -- as pages show it
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_of_merchant ON payment (merchant, id);
CREATE INDEX payment_of_card ON payment (last4, amount, id);
CREATE INDEX payment_view ON payment (view, id) WHERE view NOT IN ('approved', 'declined');
CREATE INDEX payment_open ON payment (id) WHERE open = 1;
CREATE INDEX payment_at_risk ON payment (at_risk, opened) WHERE at_risk > 0;

-- Each transaction of it, found by its reference, or by terminal and trace.
CREATE TABLE leg (
    rrn      TEXT    NOT NULL PRIMARY KEY,
    terminal TEXT    NOT NULL,
    trace    INTEGER NOT NULL,
    payment  BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX leg_of_terminal ON leg (terminal, payment);
CREATE INDEX leg_trace ON leg (trace, terminal, payment);

-- Money at risk as it was, a sample a minute.
CREATE TABLE risk (
    at     INTEGER NOT NULL PRIMARY KEY,
    amount INTEGER NOT NULL,
    count  INTEGER NOT NULL
) STRICT;

-- How far the first building has come: the oldest payment that is in, and nothing more when it is done.
CREATE TABLE built (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    before BLOB,
    done   INTEGER NOT NULL
) STRICT;
