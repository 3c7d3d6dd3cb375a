import type { CloudflareClient } from '../../adapters/cloudflare/api.ts';
import { query } from '../../adapters/cloudflare/d1.ts';
import { isAmbiguous } from '../../adapters/cloudflare/failure.ts';
import {
  createMigrationsTable,
  type Migration,
  migrationStatement,
  pendingMigrations,
  selectApplied,
} from '../../core/cloudflare/d1-migrations.ts';
import { LaunchError } from '../../core/errors.ts';

/** The migrations of one worker for one database. */
export interface MigrationFolder {
  /** In the repository, for messages. */
  readonly folder: string;
  readonly table: string;
  readonly files: readonly Migration[];
}

/** How often a migration is tried whose fate is not known; each is a transaction, so none is half done. */
const attempts = 3;

/** The names of the migrations that a database lacks. */
export async function lackingMigrations(
  client: CloudflareClient,
  database: string,
  migrations: MigrationFolder,
): Promise<readonly Migration[]> {
  const { files, table, folder } = migrations;
  if (files.length === 0) return [];
  return pendingMigrations(files, await applied(client, database, table), folder);
}

/**
 * Applies what a database lacks, in order, and gives the names of what it has applied. Another run may be doing the
 * same: what that has applied meanwhile counts as done.
 *
 * @throws LaunchError DEPLOY_FAILED with SQLite's own words for a migration that fails; those before it stay applied
 */
export async function applyMigrations(
  client: CloudflareClient,
  database: string,
  migrations: MigrationFolder,
): Promise<readonly string[]> {
  const lacking = await lackingMigrations(client, database, migrations);
  if (lacking.length === 0) return [];
  const { table } = migrations;
  await query(client, database, [{ sql: createMigrationsTable(table) }], true);
  const done: string[] = [];
  for (const migration of lacking) {
    if (await applyOne(client, database, migrations, migration)) done.push(migration.name);
  }
  return done;
}

/** @returns false when another run was quicker */
async function applyOne(
  client: CloudflareClient,
  database: string,
  { table, folder }: MigrationFolder,
  migration: Migration,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await query(client, database, [{ sql: migrationStatement(table, migration) }], false);
      return true;
    } catch (error) {
      const isLost = isAmbiguous(error);
      if ((await applied(client, database, table)).has(migration.name)) return isLost;
      if (isLost && attempt < attempts) continue;
      if (!(error instanceof LaunchError) || error.code !== 'API_ERROR' || isLost) throw error;
      throw new LaunchError('DEPLOY_FAILED', `The migration "${migration.name}" failed. ${error.summary}`, {
        place: { file: `${folder}/${migration.name}` },
        remedy: 'The database is as the migration before it has left it. Mend the file, then run it again.',
        cause: error,
      });
    }
  }
}

async function applied(
  client: CloudflareClient,
  database: string,
  table: string,
): Promise<ReadonlySet<string>> {
  const known = await query(
    client,
    database,
    [{ sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", params: [table] }],
    true,
  );
  if ((known[0]?.rows.length ?? 0) === 0) return new Set();
  const [result] = await query(client, database, [{ sql: selectApplied(table) }], true);
  return new Set((result?.rows ?? []).map(({ name }) => String(name)));
}
