-- What the operator decides for an organisation. NULL: the default of the worker's variables.
CREATE TABLE organisations (
  org_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  tokens_per_minute INTEGER CHECK (tokens_per_minute > 0),
  image_provider TEXT,
  created_at TEXT NOT NULL
);

-- Of a key only its SHA-256 is kept: it is 256 random bits, so that there is nothing to guess.
CREATE TABLE api_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (org_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  key_hash BLOB NOT NULL CHECK (length(key_hash) = 32),
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
);

CREATE INDEX api_keys_by_organisation ON api_keys (org_id);

-- What the organisation decides for itself. Every write has a revision of its own, never used again: the copies of a
-- value that are kept in KV go by it.
CREATE TABLE configurations (
  org_id TEXT NOT NULL PRIMARY KEY REFERENCES organisations (org_id) ON DELETE CASCADE,
  revision TEXT NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  updated_at TEXT NOT NULL,
  updated_by TEXT NOT NULL
);
