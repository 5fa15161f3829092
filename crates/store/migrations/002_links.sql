-- Bank links: the orders and the breaker of each. A handful of rows, all in the first shard.

CREATE TABLE link (
    link    INTEGER NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    state   BLOB    NOT NULL
) STRICT;
