// D1 on a real SQLite, so that a statement does here what it would do there.
import { createHash, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import {
  type CloudflareRequest,
  fields,
  Malformed,
  ok,
  page,
  Refused,
  type Routes,
  record,
  text,
} from './envelope.ts';

export interface Database {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: string;
  readonly sqlite: DatabaseSync;
}

export interface D1State {
  readonly databases: Map<string, Database>;
  readonly uploads: Map<string, string>;
}

export function d1State(): D1State {
  return { databases: new Map(), uploads: new Map() };
}

export function d1Routes({ databases, uploads }: D1State, origin: () => string): Routes {
  const base = '/accounts/:account/d1/database';
  // Wrangler asks by name where it has no id.
  const find = ({ params }: CloudflareRequest): Database => {
    const asked = params['id'] ?? '';
    const found = databases.get(asked) ?? [...databases.values()].find(({ name }) => name === asked);
    if (found === undefined) throw new Refused(404, 7404, `The database ${asked} could not be found`);
    return found;
  };
  const shown = ({ uuid, name, createdAt, sqlite }: Database) => ({
    uuid,
    name,
    created_at: createdAt,
    version: 'production',
    num_tables: tables(sqlite).length,
    file_size: 12_288,
  });
  const run = (request: CloudflareRequest, rows: 'objects' | 'arrays') => {
    const { sqlite } = find(request);
    const { batch, ...single } = fields(request, ['sql', 'params', 'batch']);
    const statements = batch === undefined ? [single] : listOf(batch, 'batch');
    return ok(runAll(sqlite, statements, rows));
  };
  return {
    [`GET ${base}`]: (request) =>
      page(
        [...databases.values()].filter(({ name }) => name.includes(request.query['name'] ?? '')).map(shown),
        request,
        { least: 10, most: 10_000, usual: 1000 },
      ),
    [`POST ${base}`]: (request) => {
      const name = text(fields(request, ['name', 'primary_location_hint', 'jurisdiction'])['name'], 'name');
      if ([...databases.values()].some((other) => other.name === name)) {
        throw new Refused(400, 7502, `A database with the name ${name} already exists`);
      }
      const database: Database = {
        uuid: randomUUID(),
        name,
        createdAt: new Date().toISOString(),
        sqlite: new DatabaseSync(':memory:'),
      };
      databases.set(database.uuid, database);
      return ok(shown(database));
    },
    [`GET ${base}/:id`]: (request) => ok(shown(find(request))),
    [`DELETE ${base}/:id`]: (request) => {
      const { uuid, sqlite } = find(request);
      sqlite.close();
      databases.delete(uuid);
      return ok(null);
    },
    [`POST ${base}/:id/query`]: (request) => run(request, 'objects'),
    [`POST ${base}/:id/raw`]: (request) => run(request, 'arrays'),
    [`POST ${base}/:id/import`]: (request) => importFile(request, find(request), uploads, origin()),
  };
}

/** What `d1 execute --file` uploads to; a signed address of a storage, without a token. */
export function d1UploadRoutes({ uploads }: D1State): Routes {
  return {
    '*PUT /upload/:name': ({ params, text: sql }) => {
      uploads.set(params['name'] ?? '', sql);
      const etag = createHash('md5').update(sql).digest('hex');
      return { status: 200, headers: { etag: `"${etag}"` }, body: '' };
    },
  };
}

function runAll(sqlite: DatabaseSync, statements: readonly unknown[], rows: 'objects' | 'arrays'): unknown[] {
  const answers: unknown[] = [];
  sqlite.exec('SAVEPOINT request');
  try {
    for (const statement of statements) {
      const { sql, params } = record(statement, 'a statement');
      answers.push(...runText(sqlite, text(sql, 'sql'), texts(params ?? [], 'params'), rows));
    }
    sqlite.exec('RELEASE request');
    return answers;
  } catch (error) {
    sqlite.exec('ROLLBACK TO request; RELEASE request');
    if (error instanceof Refused) throw error;
    throw new Refused(400, 7500, error instanceof Error ? error.message : String(error));
  }
}

/** Statement after statement, as SQLite itself tells where each of them ends. */
function runText(sqlite: DatabaseSync, sql: string, params: string[], rows: 'objects' | 'arrays'): unknown[] {
  const answers: unknown[] = [];
  let rest = sql;
  while (!isEmpty(rest)) {
    const statement = sqlite.prepare(rest);
    const own = statement.sourceSQL;
    rest = rest.slice(own.length);
    if (params.length > 0 && !isEmpty(rest)) {
      throw new Refused(400, 7500, 'params are for one statement only');
    }
    if (/^\s*(begin|commit|rollback|savepoint|release|attach|detach|vacuum)\b/i.test(own)) {
      throw new Refused(400, 7500, `not allowed: ${own.trim()}`);
    }
    const columns = statement.columns().map(({ name }) => name);
    const found = columns.length > 0 ? statement.all(...params) : [];
    const { changes, lastInsertRowid } =
      columns.length > 0 ? { changes: 0, lastInsertRowid: 0 } : statement.run(...params);
    const objects = found.map((row) => ({ ...row }));
    answers.push({
      success: true,
      results: rows === 'objects' ? objects : { columns, rows: objects.map((row) => Object.values(row)) },
      meta: {
        served_by: 'fake',
        duration: 0.1,
        changes: Number(changes),
        last_row_id: Number(lastInsertRowid),
        changed_db: Number(changes) > 0,
        size_after: 12_288,
        rows_read: found.length,
        rows_written: Number(changes),
      },
    });
  }
  return answers;
}

function isEmpty(sql: string): boolean {
  return sql.replace(/--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/|[\s;]/g, '') === '';
}

function importFile(
  request: CloudflareRequest,
  { sqlite }: Database,
  uploads: Map<string, string>,
  origin: string,
) {
  const { action, filename } = fields(request, ['action', 'etag', 'filename', 'current_bookmark']);
  switch (action) {
    case 'init': {
      const name = `${randomUUID()}.sql`;
      return ok({ success: true, filename: name, upload_url: `${origin}/upload/${name}` });
    }
    case 'ingest': {
      const sql = uploads.get(text(filename, 'filename'));
      if (sql === undefined) throw new Malformed(`${filename} was not uploaded`);
      const answers = runAll(sqlite, [{ sql }], 'objects');
      return ok({
        success: true,
        type: 'import',
        status: 'complete',
        at_bookmark: 'bookmark',
        messages: [],
        result: {
          num_queries: answers.length,
          final_bookmark: 'bookmark',
          meta: { duration: 0.1, changes: 0, rows_read: 0, rows_written: 0, size_after: 12_288 },
        },
      });
    }
    default:
      throw new Malformed(`import: unknown action ${String(action)}`);
  }
}

function tables(sqlite: DatabaseSync): readonly unknown[] {
  return sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Malformed(`${name} is no list`);
}

/** The API documents parameters as strings. */
function texts(value: unknown, name: string): string[] {
  return listOf(value, name).map((item) => {
    if (typeof item === 'string') return item;
    throw new Malformed(`${name} holds ${JSON.stringify(item)}, which is no string`);
  });
}
