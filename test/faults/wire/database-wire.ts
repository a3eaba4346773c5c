import { startWireProxy, type Wire } from './proxy';
import { createTraps, type Traps } from './trap';

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
}

/** The statements' names, as they stand in every message that runs one; or the text, of what has no name. */
const statements: readonly [RegExp, DatabaseMoment][] = [
  [/payment-open\0/, 'opening'],
  [/change-\d+\0/, 'change'],
  [/insert into refunds|update refunds set (status|amount)/, 'refund'],
  [/inbox-receive\0/, 'inbox'],
  [/outbox-settle\0/, 'outbox'],
];

/** Between the product and PostgreSQL: knows a message that commits from one that only reads. */
export async function startDatabaseWire(postgresPort: number): Promise<DatabaseWire> {
  const talks = new WeakMap<Wire, Talk>();
  const talkOf = (wire: Wire): Talk => {
    const talk = talks.get(wire) ?? { isInTransaction: false, pending: new Set() };
    talks.set(wire, talk);
    return talk;
  };

  /** Inside BEGIN … COMMIT only the COMMIT commits, and it commits all that came before it. */
  function commitsIn(wire: Wire, chunk: Buffer): DatabaseMoment[] {
    const talk = talkOf(wire);
    const text = chunk.toString('latin1');
    talk.process ??= /application_name\0durapay-(api|worker)\0/.exec(text)?.[1];
    const written = statements.filter(([name]) => name.test(text)).map(([, moment]) => moment);
    if (/^Q....BEGIN\0/s.test(text)) talk.isInTransaction = true;
    const isEnd = /^Q....(COMMIT|ROLLBACK)\0/s.exec(text)?.[1];
    if (!talk.isInTransaction) return written;
    for (const moment of written) talk.pending.add(moment);
    if (isEnd === undefined) return [];
    const committed = isEnd === 'COMMIT' ? [...talk.pending] : [];
    talk.isInTransaction = false;
    talk.pending.clear();
    return committed;
  }

  const traps = createTraps(commitsIn);
  const proxy = await startWireProxy({ port: postgresPort }, traps.look);
  return { ...traps, ...proxy, isOf: (wire, process) => talkOf(wire).process === process };
}
