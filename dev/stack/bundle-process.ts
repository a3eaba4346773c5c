import { workflowBundle } from '../../workers/bundle';

/** Builds the workflows' bundle if no earlier start has, before API and worker want it, and prints where it is. */
workflowBundle(undefined).then(
  (file) => process.stdout.write(`\n${file}\n`, () => process.exit(0)),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
