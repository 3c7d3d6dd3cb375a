import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import {
  createMigrationsTable,
  migrationStatement,
  migrationsTable,
  pendingMigrations,
  selectApplied,
} from '../../../../src/core/cloudflare/d1-migrations.ts';

const named = (...names: string[]) => names.map((name) => ({ name, sql: '' }));

describe('migrations', () => {
  it('are applied by their numbers, each once', () => {
    const pending = pendingMigrations(
      named('10_c.sql', '0002_b.sql', '0001_a.sql', '0003_done.sql'),
      new Set(['0003_done.sql']),
      'migrations',
    );
    expect(pending.map(({ name }) => name)).toEqual(['0001_a.sql', '0002_b.sql', '10_c.sql']);
  });

  it.each(['first.sql', "1'); DROP TABLE x; --.sql", '../1.sql', '1 a.sql', '0001.sql.bak'])(
    'are not called %j',
    (name) =>
      expect(() => pendingMigrations(named(name), new Set(), 'm')).toThrow(/not the name of a migration/),
  );

  it.each([
    ['with its last semicolon', 'CREATE TABLE t (a);'],
    ['without one', 'CREATE TABLE t (a)'],
    ['that ends with a comment', 'CREATE TABLE t (a) -- done'],
    ['that ends with a comment after the semicolon', 'CREATE TABLE t (a); -- done'],
    ['that is empty', ''],
    ['of comments only', '-- nothing yet'],
  ])('%s is noted down with what it does', (_, sql) => {
    const database = new DatabaseSync(':memory:');
    database.exec(createMigrationsTable(migrationsTable));
    database.exec(migrationStatement(migrationsTable, { name: "0001_it's.sql", sql }));
    expect(database.prepare(selectApplied(migrationsTable)).all()).toEqual([{ name: "0001_it's.sql" }]);
    database.close();
  });

  it('are noted down in a table with a plain name', () => {
    expect(() => createMigrationsTable('x" (a); DROP TABLE y; --')).toThrow(/can't be the table/);
  });
});
