-- One row for each instance that `launch instance` has deployed. `config` is JSON; the addresses of the instance's
-- workers stand at `config.worker_urls`. `launch instance` makes the same table where it is the first to need it.
CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config))
);

CREATE INDEX IF NOT EXISTS instances_by_organisation ON instances (org_id);
