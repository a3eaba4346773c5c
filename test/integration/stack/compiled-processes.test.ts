import { startProcess } from '../../bench/processes';

/** Those that say that they are ready without being told anything: that they start at all is what is tested. */
it.each(['bench/load/load-process', 'faults/load/load-process', 'bench/groups/channels/provider-process'])(
  '%s starts compiled',
  async (file) => {
    const started = await startProcess(file);
    expect(started.pid).toBeGreaterThan(0);
    await started.stop();
  },
);
