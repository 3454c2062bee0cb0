-- The event store, version 1.  Append-only: a released migration is never edited, a change of the
-- schema is the next number.  Enums are stored by the words of product.md, times as nanoseconds
-- since 1970 UTC.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Files under pictures/, by content.  The row follows the file: what is listed here was on disk,
-- fsynced, before the row was committed.
CREATE TABLE pictures (
  sha256 TEXT PRIMARY KEY,  -- 64 hexadecimal digits; the file is pictures/<day>/<sha256>.jpg
  day TEXT NOT NULL,        -- of the event that brought it first: 2026-01-31
  bytes INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per lasting change; what it says now is the message `seq`.  The other columns repeat
-- that message's where a query filters by them.
CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,    -- ULID
  source TEXT NOT NULL,
  seq INTEGER NOT NULL,       -- latest message
  opened_ns INTEGER NOT NULL,   -- time of the first message
  changed_ns INTEGER NOT NULL,  -- time of the latest
  camera TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  caption_status TEXT NOT NULL
);
CREATE INDEX events_changed ON events (changed_ns DESC, number DESC);
CREATE INDEX events_opened ON events (opened_ns);
CREATE INDEX events_camera ON events (camera, changed_ns DESC);
CREATE INDEX events_pending ON events (seq) WHERE caption_status = 'pending';

-- What was said of an event, message by message, as it was published.  AUTOINCREMENT: a seq is
-- never used twice, so a subscriber that replays from one misses nothing.
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event INTEGER NOT NULL REFERENCES events (number),
  identity TEXT NOT NULL UNIQUE,  -- the same for a redelivered message (README.md)
  type TEXT NOT NULL,
  time_ns INTEGER NOT NULL,
  severity TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  caption TEXT NOT NULL,
  caption_status TEXT NOT NULL,
  confidence REAL NOT NULL,
  reference_ns INTEGER NOT NULL,
  reference_frame INTEGER,
  reference_pts_ns INTEGER,
  reference_picture TEXT REFERENCES pictures (sha256),
  current_ns INTEGER NOT NULL,
  current_frame INTEGER,
  current_pts_ns INTEGER,
  current_picture TEXT REFERENCES pictures (sha256),
  aligned_px REAL NOT NULL,
  illumination_delta REAL NOT NULL,
  changed_ratio REAL NOT NULL,
  settled_s REAL NOT NULL,
  score REAL NOT NULL,
  model_name TEXT NOT NULL,
  model_fingerprint TEXT NOT NULL,
  select_ms REAL NOT NULL,
  caption_ms REAL NOT NULL,
  store_ms REAL NOT NULL
);
CREATE INDEX messages_event ON messages (event, seq);
CREATE INDEX messages_reference ON messages (reference_picture);
CREATE INDEX messages_current ON messages (current_picture);

CREATE TABLE regions (
  seq INTEGER NOT NULL REFERENCES messages (seq),
  position INTEGER NOT NULL,
  x REAL NOT NULL,
  y REAL NOT NULL,
  w REAL NOT NULL,
  h REAL NOT NULL,
  PRIMARY KEY (seq, position)
) WITHOUT ROWID;

CREATE TABLE zones (
  seq INTEGER NOT NULL REFERENCES messages (seq),
  position INTEGER NOT NULL,
  zone TEXT NOT NULL,
  PRIMARY KEY (seq, position)
) WITHOUT ROWID;

-- Search over what an event says now; rowid = events.number.
CREATE VIRTUAL TABLE events_text USING fts5 (
  caption, kind, camera, zones,
  tokenize = 'porter unicode61'
);
