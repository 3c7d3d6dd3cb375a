import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/** A file of statements that changes a database from one shape to the next. */
export interface Migration {
  /** The file's name, by which it is noted down as applied. */
  readonly name: string;
  readonly sql: string;
}

/** Where migrations are noted down, unless the configuration names another table. */
export const migrationsTable = 'd1_migrations';

/**
 * The migrations that a database lacks, in the order of their numbers, as wrangler applies them.
 *
 * @throws LaunchError CONFIG_INVALID for a name that is no migration's
 */
export function pendingMigrations(
  files: readonly Migration[],
  applied: ReadonlySet<string>,
  folder: string,
): readonly Migration[] {
  for (const { name } of files) {
    if (/^\d{1,15}[\w.-]*\.sql$/.test(name)) continue;
    throw new LaunchError('CONFIG_INVALID', `"${printable(name)}" is not the name of a migration.`, {
      place: { file: `${folder}/${printable(name)}` },
      remedy: 'Begin it with a number: 0001_create_users.sql.',
    });
  }
  return files
    .filter(({ name }) => !applied.has(name))
    .toSorted((a, b) => numberOf(a) - numberOf(b) || (a.name < b.name ? -1 : 1));
}

/** Wrangler's own table, so that both can be used by turns. */
export function createMigrationsTable(table: string): string {
  return `CREATE TABLE IF NOT EXISTS "${tableName(table)}"(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`;
}

export function selectApplied(table: string): string {
  return `SELECT name FROM "${tableName(table)}" ORDER BY id`;
}

/** A migration and its note as one text, which D1 runs as one transaction: both come to pass, or neither. */
export function migrationStatement(table: string, { name, sql }: Migration): string {
  const text = sql.trimEnd();
  // On a line of its own, since the last line may be a comment.
  const end = text === '' || text.endsWith(';') ? '' : '\n;';
  return `${text}${end}\nINSERT INTO "${tableName(table)}" (name)\nvalues ('${name.replaceAll("'", "''")}');`;
}

function numberOf({ name }: Migration): number {
  return Number.parseInt(name, 10);
}

/** A table's name can't be a parameter. @throws LaunchError CONFIG_INVALID */
function tableName(table: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(table)) return table;
  throw new LaunchError('CONFIG_INVALID', `"${printable(table)}" can't be the table of the migrations.`, {
    remedy: 'Use letters, digits and underscores for `migrations_table`.',
  });
}
