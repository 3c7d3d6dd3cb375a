import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import { query } from '../../adapters/cloudflare/d1.ts';
import { configText, type InstanceRecord, readRecord } from '../../core/instances/instance-record.ts';

// Every value is a parameter: no name of an instance or an organisation ever becomes a part of a statement.

/** The table of instances in one database. */
export interface InstanceTable {
  /** Whether the database has it. */
  isThere(): Promise<boolean>;
  /** Makes it, unless a migration of the repository already has. */
  make(): Promise<void>;
  /** Undefined when there is no such row, or no table. */
  read(id: string): Promise<InstanceRecord | undefined>;
  readAll(): Promise<readonly InstanceRecord[]>;
  /** Which instance of another organisation has this bucket, or had it: what it stored is still there. */
  foreignHolder(bucket: string, organisation: string): Promise<string | undefined>;
  write(record: InstanceRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

const createTable = `CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL
)`;
const columns = 'instance_id, org_id, name, config';

/** @param facts of the account; that the table is there is looked up once */
export function instanceTable(
  client: CloudflareClient,
  database: string,
  facts: Set<string> = new Set(),
): InstanceTable {
  const fact = `table ${database}`;
  const one = async (sql: string, params: readonly string[] = []) => {
    const [result] = await query(client, database, [{ sql, params }], true);
    return result?.rows ?? [];
  };
  const isThere = async () => {
    const found =
      facts.has(fact) ||
      (await one("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'instances'")).length > 0;
    if (found) facts.add(fact);
    return found;
  };
  return {
    isThere,
    async make() {
      await one(createTable);
    },
    async read(id) {
      if (!(await isThere())) return undefined;
      const [row] = await one(`SELECT ${columns} FROM instances WHERE instance_id = ?`, [id]);
      return row === undefined ? undefined : readRecord(row);
    },
    async readAll() {
      if (!(await isThere())) return [];
      return (await one(`SELECT ${columns} FROM instances ORDER BY instance_id`)).map(readRecord);
    },
    async foreignHolder(bucket, organisation) {
      if (!(await isThere())) return undefined;
      const [row] = await one(
        `SELECT instance_id FROM instances WHERE org_id <> ? AND CASE WHEN json_valid(config) THEN
          json_extract(config, '$.r2_bucket') = ?
          OR EXISTS (SELECT 1 FROM json_each(config, '$.launch.buckets') WHERE key = ?) ELSE 0 END`,
        [organisation, bucket, bucket],
      );
      return row === undefined ? undefined : String(row['instance_id']);
    },
    async write(record) {
      const values = [record.organisation, record.name, configText(record)];
      // Not "on conflict": a table that somebody else has made may have no such key. It may be sent twice.
      await query(
        client,
        database,
        [
          {
            sql: 'UPDATE instances SET org_id = ?, name = ?, config = ? WHERE instance_id = ?',
            params: [...values, record.id],
          },
          {
            sql: `INSERT INTO instances (${columns}) SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM instances WHERE instance_id = ?)`,
            params: [record.id, ...values, record.id],
          },
        ],
        true,
      );
    },
    async remove(id) {
      await one('DELETE FROM instances WHERE instance_id = ?', [id]);
    },
  };
}
