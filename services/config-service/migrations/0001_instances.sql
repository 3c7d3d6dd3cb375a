-- One row for each instance that `launch instance` has deployed. `config` is JSON; the addresses of the instance's
-- workers stand at `config.worker_urls`.
CREATE TABLE instances (
  instance_id TEXT NOT NULL PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config))
);

CREATE INDEX instances_by_organisation ON instances (org_id);
