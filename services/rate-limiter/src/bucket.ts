import { DurableObject } from 'cloudflare:workers';
import type { RateLimits } from '../../shared/src/organisation.ts';
import type { Reservation, Settlement, Usage } from './contract.ts';
import { type Admission, UsageWindow } from './usage-window.ts';

const minute = 60_000;

/** What a bucket needs of the worker's environment. */
export interface BucketEnv {
  /** The length of the window in milliseconds, for tests that can't wait for a minute. */
  readonly WINDOW_MS?: number;
}

/**
 * The one place that counts for an organisation. A Durable Object does one thing at a time, so that of requests at the
 * same moment no two take the same place; what it has let through is in its SQLite before anybody is told.
 */
export class Bucket extends DurableObject<BucketEnv> {
  #window: UsageWindow | undefined;
  #tableIsThere = false;

  reserve(id: string, tokens: number, limits: RateLimits): Reservation {
    const { window, now } = this.#current();
    const before = window.find(id);
    if (before !== undefined) {
      const repeated = before.settled ? 'settled' : 'open';
      return { allowed: true, repeated, usage: window.usage(now) };
    }
    const verdict = window.judge(tokens, limits, now);
    if (!verdict.allowed) return { ...verdict, usage: window.usage(now) };
    this.#createTable();
    // In place of one of the same id that counts no more and is not yet cleaned up.
    this.#sql(
      'INSERT OR REPLACE INTO admissions (id, at, tokens, settled) VALUES (?, ?, ?, 0)',
      id,
      now,
      tokens,
    );
    window.add({ id, at: now, tokens, settled: false });
    this.#cleanUpLater(window, now);
    return { allowed: true, usage: window.usage(now) };
  }

  settle(id: string, tokens: number): Settlement {
    const { window, now } = this.#current();
    const admission = window.find(id);
    if (admission === undefined) return { outcome: 'unknown' };
    if (admission.settled && admission.tokens !== tokens) return { outcome: 'settled' };
    if (!admission.settled) {
      this.#sql('UPDATE admissions SET tokens = ?, settled = 1 WHERE id = ?', tokens, id);
      window.settle(admission, tokens);
    }
    return { outcome: 'done', usage: window.usage(now) };
  }

  release(id: string): { readonly outcome: 'done' | 'unknown' | 'settled' } {
    const { window } = this.#current();
    const admission = window.find(id);
    if (admission === undefined) return { outcome: 'unknown' };
    if (admission.settled) return { outcome: 'settled' };
    this.#sql('DELETE FROM admissions WHERE id = ?', id);
    window.release(admission);
    return { outcome: 'done' };
  }

  usage(): Usage {
    const { window, now } = this.#current();
    return window.usage(now);
  }

  /** Forgets everything that was used. */
  async reset(): Promise<void> {
    await this.#forgetEverything();
  }

  /** Rejects when the storage can't be read. Leaves nothing behind. */
  ping(): 'ok' {
    this.ctx.storage.sql.exec('SELECT 1').toArray();
    return 'ok';
  }

  /** Rows that count no more are dropped once a minute; the last one takes the whole storage with it. */
  override async alarm(): Promise<void> {
    const { window, now } = this.#current();
    if (window.size === 0) {
      await this.#forgetEverything();
      return;
    }
    this.#sql('DELETE FROM admissions WHERE at <= ?', now - window.length);
    await this.ctx.storage.setAlarm(now + window.length);
  }

  /** The window as of this moment. After a restart it is read from the storage. */
  #current(): { readonly window: UsageWindow; readonly now: number } {
    const now = Date.now();
    this.#window ??= this.#load();
    if (this.#window.advance(now)) this.#sql('UPDATE admissions SET at = ? WHERE at > ?', now, now);
    return { window: this.#window, now };
  }

  #load(): UsageWindow {
    const length = this.env.WINDOW_MS ?? minute;
    if (!this.#hasTable()) return new UsageWindow(length);
    const rows = this.ctx.storage.sql.exec<Row>(
      'SELECT id, at, tokens, settled FROM admissions ORDER BY at, place',
    );
    const admissions = Array.from(
      rows,
      ({ settled, ...row }): Admission => ({
        ...row,
        settled: settled === 1,
      }),
    );
    return new UsageWindow(length, admissions);
  }

  #hasTable(): boolean {
    const found = this.ctx.storage.sql
      .exec("SELECT 1 FROM sqlite_master WHERE name = 'admissions'")
      .toArray();
    return found.length > 0;
  }

  /** With the first admission: who only asks leaves no storage behind. */
  #createTable(): void {
    if (this.#tableIsThere) return;
    this.#sql(
      'CREATE TABLE IF NOT EXISTS admissions (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, tokens INTEGER NOT NULL, settled INTEGER NOT NULL)',
    );
    this.#tableIsThere = true;
  }

  #cleanUpLater(window: UsageWindow, now: number): void {
    // Written with the admission, as one: neither is there without the other.
    if (window.size === 1) void this.ctx.storage.setAlarm(now + window.length);
  }

  async #forgetEverything(): Promise<void> {
    this.#window = undefined;
    this.#tableIsThere = false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  #sql(statement: string, ...values: readonly (string | number)[]): void {
    this.ctx.storage.sql.exec(statement, ...values);
  }
}

type Row = { readonly id: string; readonly at: number; readonly tokens: number; readonly settled: number };
