import { startProcess } from '../../bench/processes';
import type { Story } from '../plan';
import type { FromLoad, LoadReport, ToLoad, Where } from './contracts';

export interface LoadClient {
  readonly callbackUrl: string;
  readonly begun: number;
  /** Plays what is released; settles when the last story has ended. */
  play(stories: Story[], where: Where, concurrency: number): Promise<void>;
  release(before: number): void;
  heal(): void;
  report(): Promise<LoadReport>;
  stop(): Promise<void>;
}

export async function startLoadClient(): Promise<LoadClient> {
  const { ready, child, stop } = await startProcess<{ callbackUrl: string }>('faults/load/load-process');
  let begun = 0;
  child.on('message', (message: FromLoad) => {
    if ('kind' in message && message.kind === 'begun') begun = message.stories;
  });
  const send = (message: ToLoad) => void child.send(message);
  const answer = <Kind extends 'played' | 'report'>(kind: Kind) =>
    new Promise<Extract<FromLoad, { kind: Kind }>>((resolve, reject) => {
      const ended = () => reject(new Error('the load process ended'));
      const listen = (message: FromLoad) => {
        if (!('kind' in message) || message.kind !== kind) return;
        child.off('message', listen);
        child.off('exit', ended);
        resolve(message as Extract<FromLoad, { kind: Kind }>);
      };
      child.on('message', listen);
      child.once('exit', ended);
    });

  return {
    callbackUrl: ready.callbackUrl,
    get begun() {
      return begun;
    },
    async play(stories, where, concurrency) {
      const played = answer('played');
      send({ kind: 'play', stories, where, concurrency });
      await played;
    },
    release: (before) => send({ kind: 'release', before }),
    heal: () => send({ kind: 'heal' }),
    async report() {
      const told = answer('report');
      send({ kind: 'report' });
      return (await told).report;
    },
    stop,
  };
}
