// Whose token it is, and what happened in the account.
import { Malformed, ok, page, type Routes, stamp } from './envelope.ts';

export interface FakeProfile {
  readonly username: string;
  readonly email: string;
  /** Such a user may not set tags. */
  readonly restricted: boolean;
}

export type EventStatus = 'scheduled' | 'started' | 'finished' | 'failed' | 'notification' | 'canceled';

export interface FakeEvent {
  readonly id: number;
  readonly action: string;
  readonly created: string;
  readonly entity: {
    readonly id: number;
    readonly label: string;
    readonly type: string;
    readonly url: string;
  };
  readonly status: EventStatus;
  readonly percent_complete: number | null;
  readonly message: string | null;
  readonly username: string;
}

export interface AccountState {
  profile: FakeProfile;
  /** What the token may not be asked for, such as `/account/events` or `/profile`: 401. */
  readonly closed: Set<string>;
  /** Newest last. */
  readonly events: FakeEvent[];
  note(event: Pick<FakeEvent, 'action' | 'status' | 'entity'> & Partial<FakeEvent>): void;
}

export function accountState(): AccountState {
  const events: FakeEvent[] = [];
  const state: AccountState = {
    profile: { username: 'octo', email: 'octo@example.com', restricted: false },
    closed: new Set(),
    events,
    note: (event) => {
      // A running event goes on in its row.
      const open = events.findIndex(
        (it) =>
          it.action === event.action &&
          it.entity.id === event.entity.id &&
          (it.status === 'scheduled' || it.status === 'started'),
      );
      const before = events[open];
      const made: FakeEvent = {
        id: before?.id ?? 1000 + events.length,
        created: before?.created ?? stamp(Date.now()),
        percent_complete: event.status === 'finished' ? 100 : 0,
        message: null,
        username: state.profile.username,
        ...event,
      };
      if (before === undefined) events.push(made);
      else events.splice(open, 1, made);
    },
  };
  return state;
}

export function accountRoutes(state: AccountState, settle: () => void): Routes {
  return {
    'GET /profile': ({ query }) => {
      if (Object.keys(query).length > 0) throw new Malformed('/profile takes no query');
      return ok({ timezone: 'UTC', two_factor_auth: true, uid: 1234, ...state.profile });
    },
    'GET /account/events': (request) => {
      settle();
      return page([...state.events].reverse(), request, [
        'action',
        'status',
        'entity.id',
        'entity.type',
        'created',
        'id',
      ]);
    },
  };
}
