import { setTimeout as sleep } from 'node:timers/promises';
import type { Story } from '../plan';
import { startCallbackEar } from './callback-ear';
import type { FromLoad, LoadReport, ToLoad, Where } from './contracts';
import { createMerchant, type Merchant } from './merchant';
import { play } from './play';

/** The merchants, their servers and their customers: a process of its own that knows nothing but HTTP. */
async function main(): Promise<void> {
  const report: LoadReport = {
    operations: {},
    acknowledged: [],
    refunds: [],
    unanswered: [],
    callbacks: [],
    faults: {},
    problems: [],
  };
  const problem = (text: string) => void report.problems.push(text);
  const ear = await startCallbackEar({
    refused: (how) => (report.faults[how] = (report.faults[how] ?? 0) + 1),
    problem,
  });
  let merchant: Merchant | undefined;
  let released = 0;
  let begun = 0;

  async function playAll(stories: Story[], where: Where, concurrency: number): Promise<void> {
    const player = createMerchant(where, problem);
    merchant = player;
    ear.trust(where.callbackSecret);
    const next = async (): Promise<Story | undefined> => {
      for (;;) {
        if (begun >= stories.length) return undefined;
        if (begun < released) {
          begun += 1;
          tell({ kind: 'begun', stories: begun });
          return stories[begun - 1];
        }
        await sleep(20);
      }
    };
    const customer = async (): Promise<void> => {
      for (let story = await next(); story !== undefined; story = await next()) {
        await play(story, { merchant: player, ear, report, strangerKey: where.strangerKey }).catch(
          (error: unknown) => problem(`the story of ${story?.orderId} broke off: ${String(error)}`),
        );
      }
    };
    await Promise.all(Array.from({ length: concurrency }, customer));
    tell({ kind: 'played' });
  }

  process.on('message', (message: ToLoad) => {
    switch (message.kind) {
      case 'play':
        void playAll(message.stories, message.where, message.concurrency);
        break;
      case 'release':
        released = Math.max(released, message.before);
        break;
      case 'heal':
        ear.heal();
        break;
      case 'report':
        tell({ kind: 'report', report: { ...report, callbacks: [...ear.heard.values()] } });
        break;
    }
  });
  const stop = () => {
    void Promise.allSettled([ear.close(), merchant?.close()]).then(() => process.exit(0));
  };
  process.on('disconnect', stop);
  process.on('SIGTERM', stop);
  // Ctrl-C reaches every process of the terminal; the run ends this one when its turn comes.
  process.on('SIGINT', () => undefined);
  tell({ ready: { callbackUrl: ear.url } });
}

function tell(message: FromLoad): void {
  process.send?.(message);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
