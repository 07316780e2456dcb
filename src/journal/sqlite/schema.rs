//! The tables, and the steps that lead from each older version of the file to this one's.
//!
//! Times are microseconds since 1970, except where they say otherwise; 0 is "unknown". A
//! migration, once released, is never edited: the next version is a further entry.

use rusqlite::Connection;

/// What leads from version `index` to `index + 1`.
const MIGRATIONS: [&str; 3] = [
    r"
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES
    ('salt', randomblob(16)),
    ('watermark', 0),  -- the last decided event
    ('deliveries', 0), -- the last delivery that retention took
    ('pruned', 0),     -- how many events retention took
    ('beat', 0);       -- empty writes, to prove that writing works

-- Sources and sinks, so that rows hold a small number.
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL, -- the first 8 bytes of SHA-256 over source and body
    source INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    replay_of INTEGER,
    group_name TEXT NOT NULL,
    status TEXT,
    execution TEXT,
    body BLOB NOT NULL
);
-- Equal bytes have equal finishes, and finishes grow: inserts stay at this index's end.
CREATE INDEX identity ON event (finished_at, fingerprint) WHERE replay_of IS NULL;

-- What there is to say of few events: that no rule matched, that they were put aside.
CREATE TABLE remark (event INTEGER PRIMARY KEY, unmatched INTEGER NOT NULL, parked TEXT);

CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    sink INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    state INTEGER NOT NULL,    -- 0 waiting, 1 delivered, 2 dead, 3 cancelled
    seen INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER,
    first_attempt_at INTEGER,
    reason TEXT,
    brief TEXT NOT NULL,
    progress TEXT,
    first_at INTEGER,          -- the first attempt; most need no other
    first_latency INTEGER,     -- milliseconds
    first_outcome INTEGER,
    first_status INTEGER,
    first_reason TEXT,
    first_excerpt TEXT
);
CREATE INDEX by_event ON delivery (event);
CREATE INDEX waiting ON delivery (sink, seq, lane, due) WHERE state = 0;
CREATE INDEX dead ON delivery (seq, sink, seen) WHERE state = 2;

CREATE TABLE attempt (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    latency INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    status INTEGER,
    reason TEXT,
    excerpt TEXT,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

CREATE TABLE trouble (sink TEXT PRIMARY KEY, trouble TEXT NOT NULL) WITHOUT ROWID;
",
    r"
-- What deciding remembers. Rows have a number of their own, so that the large values, of which each
-- event changes one, stay out of the tree that is ordered by name.
CREATE TABLE memory (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    due INTEGER,
    value TEXT NOT NULL        -- JSON, whose meaning is not known here
);

CREATE TABLE account (event INTEGER PRIMARY KEY, doc TEXT NOT NULL);

-- Incidents that ended.
CREATE TABLE incident (
    id BLOB PRIMARY KEY,
    ended_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    group_name TEXT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX by_end ON incident (ended_at);

CREATE TABLE silence (id BLOB PRIMARY KEY, ended_at INTEGER, doc TEXT NOT NULL);

-- A delivery's state can also be 4: held. An attempt's outcome holds in its bit 16 whether the
-- message may have arrived all the same.
ALTER TABLE delivery ADD COLUMN duty INTEGER;
ALTER TABLE delivery ADD COLUMN answers INTEGER;                       -- the duty that it answers
ALTER TABLE delivery ADD COLUMN supersedes INTEGER NOT NULL DEFAULT 0; -- those that wait, of it
ALTER TABLE delivery ADD COLUMN maybe INTEGER NOT NULL DEFAULT 0;      -- it may have arrived
-- Why it was cancelled, if not by a person: 1 superseded by its answer, 2 nothing that it answers
-- was told.
ALTER TABLE delivery ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
CREATE INDEX by_duty ON delivery (duty) WHERE duty IS NOT NULL;
CREATE INDEX by_answers ON delivery (answers) WHERE answers IS NOT NULL;

-- Duties that were fulfilled by deliveries that retention took since.
CREATE TABLE told (duty INTEGER PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX by_age ON told (at);
",
    r"
-- What sinks hold open for incidents, or held: one thing for each duty.
CREATE TABLE thing (
    duty INTEGER PRIMARY KEY,
    incident BLOB,             -- where it is known
    sink INTEGER NOT NULL,
    state INTEGER NOT NULL,    -- 0 open, 1 closed, 2 gone
    at INTEGER NOT NULL,       -- since when it has been so
    captured TEXT NOT NULL     -- an object of JSON
);
CREATE INDEX by_incident ON thing (incident) WHERE incident IS NOT NULL;
CREATE INDEX thing_by_age ON thing (at);
",
];

/// Marks the file as a journal of this program: `AgnX`.
const APPLICATION: i64 = 0x4167_6e58;

/// The version that this program writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The file's version; 0 for a new one.
pub(super) fn version(conn: &Connection) -> rusqlite::Result<usize> {
    conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0).map(|v| v as usize))
}

/// Whether the file is empty or was made by this program, rather than by another one.
pub(super) fn is_ours(conn: &Connection) -> rusqlite::Result<bool> {
    let mark: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(mark == APPLICATION || tables == 0)
}

/// Brings the file to this program's version, each step whole or not at all.
pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    lay_out(conn, VERSION)
}

/// Brings the file to a version, if it is older.
pub(super) fn lay_out(conn: &Connection, to: usize) -> rusqlite::Result<()> {
    for (index, step) in MIGRATIONS.iter().enumerate().take(to).skip(version(conn)?) {
        let version = index + 1;
        let step = format!(
            "BEGIN IMMEDIATE; {step}; PRAGMA application_id = {APPLICATION};
             PRAGMA user_version = {version}; COMMIT;"
        );
        if let Err(error) = conn.execute_batch(&step) {
            if !conn.is_autocommit() {
                conn.execute_batch("ROLLBACK")?;
            }
            return Err(error);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
