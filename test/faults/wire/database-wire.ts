import type { OrderNames } from './order-names';
import { startWireProxy, type Wire } from './proxy';
import { createTraps, type Passing, type Traps } from './trap';

/** A commit, by what it writes: a payment's opening, a change of it, a refund, an event received, callbacks settled. */
export type DatabaseMoment = 'opening' | 'change' | 'refund' | 'inbox' | 'outbox';

export interface DatabaseWire extends Traps<DatabaseMoment> {
  readonly port: number;
  isOf(wire: Wire, process: 'api' | 'worker'): boolean;
  cutAll(): void;
  close(): Promise<void>;
}

interface Talk {
  process?: string;
  isInTransaction: boolean;
  pending: Set<DatabaseMoment>;
  /** All that the transaction has said so far: its COMMIT names nobody. */
  said: string;
}

const saidCharsMax = 100_000;

/** The statements' names, as they stand in every message that runs one; or the text, of what has no name. */
const statements: readonly [RegExp, DatabaseMoment][] = [
  [/payment-open\0/, 'opening'],
  [/change-\d+\0/, 'change'],
  [/insert into refunds|update refunds set (status|amount)/, 'refund'],
  [/inbox-receive\0/, 'inbox'],
  [/outbox-settle\0/, 'outbox'],
];

/** Between the product and PostgreSQL: knows a message that commits from one that only reads. */
export async function startDatabaseWire(postgresPort: number, names: OrderNames): Promise<DatabaseWire> {
  const talks = new WeakMap<Wire, Talk>();
  const talkOf = (wire: Wire): Talk => {
    const talk = talks.get(wire) ?? { isInTransaction: false, pending: new Set(), said: '' };
    talks.set(wire, talk);
    return talk;
  };

  /** Inside BEGIN … COMMIT only the COMMIT commits, and it commits all that came before it. */
  function commitsIn(wire: Wire, chunk: Buffer): Passing<DatabaseMoment> {
    const talk = talkOf(wire);
    const text = chunk.toString('latin1');
    talk.process ??= /application_name\0durapay-(api|worker)\0/.exec(text)?.[1];
    const written = statements.filter(([name]) => name.test(text)).map(([, moment]) => moment);
    if (written.includes('opening')) names.learn(text);
    if (/^Q....BEGIN\0/s.test(text)) Object.assign(talk, { isInTransaction: true, said: '' });
    const isEnd = /^Q....(COMMIT|ROLLBACK)\0/s.exec(text)?.[1];
    if (!talk.isInTransaction) return { moments: written, about: text };
    for (const moment of written) talk.pending.add(moment);
    if (talk.said.length < saidCharsMax) talk.said += text;
    if (isEnd === undefined) return { moments: [], about: text };
    const moments = isEnd === 'COMMIT' ? [...talk.pending] : [];
    talk.isInTransaction = false;
    talk.pending.clear();
    return { moments, about: talk.said };
  }

  const traps = createTraps(commitsIn);
  const proxy = await startWireProxy({ port: postgresPort }, traps.look);
  return { ...traps, ...proxy, isOf: (wire, process) => talkOf(wire).process === process };
}
