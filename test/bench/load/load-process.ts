import type { LoadReady, LoadReply, LoadRequest } from './contracts';
import { listenForCompletions } from './completions';
import { createGenerator } from './generator';

async function main(): Promise<void> {
  const completions = await listenForCompletions();
  const generate = createGenerator(completions);
  process.on('message', ({ id, run }: LoadRequest) => {
    const reply = (message: LoadReply): void => void process.send?.(message);
    generate(run).then(
      (report) => reply({ id, report }),
      (error: unknown) => reply({ id, error: String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(0));
  const ready: LoadReady = { doneUrl: completions.doneUrl };
  process.send?.({ ready });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
