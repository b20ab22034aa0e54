-- The tables of an index. `entry` is always an index in the log: that entry, with its proof, is the
-- evidence, and no row here is.
CREATE TABLE log (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  form INTEGER NOT NULL
) STRICT;
CREATE TABLE entries (
  entry INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  event TEXT,
  at TEXT,
  finding TEXT,
  deviation TEXT,
  workspace TEXT,
  account TEXT,
  region TEXT,
  address TEXT,
  type TEXT,
  provider_id TEXT,
  attribute TEXT,
  verdict TEXT,
  severity TEXT,
  action TEXT,
  rule TEXT,
  change TEXT,
  actor TEXT
) STRICT;
CREATE TABLE scans (
  entry INTEGER PRIMARY KEY REFERENCES entries,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  version TEXT NOT NULL,
  rule_set_sha256 TEXT NOT NULL,
  approved INTEGER NOT NULL,
  observed INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  unmanaged INTEGER NOT NULL,
  not_comparable INTEGER NOT NULL,
  gaps INTEGER NOT NULL,
  deviations INTEGER NOT NULL
) STRICT;
CREATE TABLE plans (
  entry INTEGER PRIMARY KEY REFERENCES entries,
  at TEXT NOT NULL,
  workspace TEXT NOT NULL,
  plan_sha256 TEXT NOT NULL,
  approval TEXT NOT NULL,
  change TEXT
) STRICT;
CREATE TABLE controls (
  control TEXT NOT NULL,
  finding TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entries,
  PRIMARY KEY (control, finding, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE findings (
  finding TEXT PRIMARY KEY,
  entry INTEGER NOT NULL REFERENCES entries,
  state TEXT NOT NULL,
  opened_entry INTEGER REFERENCES entries,
  opened_at TEXT,
  changed_at TEXT NOT NULL,
  resolved_at TEXT,
  deviation TEXT NOT NULL,
  workspace TEXT,
  account TEXT,
  region TEXT,
  address TEXT,
  type TEXT NOT NULL,
  provider_id TEXT,
  attribute TEXT,
  verdict TEXT NOT NULL,
  severity TEXT NOT NULL,
  action TEXT NOT NULL,
  rule TEXT,
  change TEXT,
  owner TEXT,
  sla_seconds INTEGER,
  acknowledged_by TEXT,
  waiver TEXT,
  waiver_until TEXT
) STRICT, WITHOUT ROWID;
