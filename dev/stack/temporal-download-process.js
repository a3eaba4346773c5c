/**
 * The Temporal SDK downloads a server when it is asked to start one: this asks, stops it, and leaves the program
 * in the folder given as the argument. A process of its own, because nothing else ends a download that hangs.
 */
const { TestWorkflowEnvironment } = require('@temporalio/testing');

const [downloadDir] = process.argv.slice(2);

TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir } } })
  .then((environment) => environment.teardown())
  .then(
    () => process.exit(0),
    (error) => {
      console.error(String(error.message).split('\n')[0]);
      process.exit(1);
    },
  );
