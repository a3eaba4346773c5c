import vm from 'node:vm';
import { Worker } from '@temporalio/worker';
import type { Workflow, WorkflowCreator } from '@temporalio/worker/lib/workflow/interface';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared';

/** Nothing else runs here meanwhile. A step takes one or two milliseconds; one that is ended is tried again. */
const stepWithinMs = 2_000;
/** The SDK would watch each of its calls into a workflow, some four for a step, and each watch is a thread. */
const noWatchForEachCall = undefined as unknown as number;

/**
 * The SDK installs two hooks, which it means for threads of its own: one is told of every promise, the other writes the
 * stack of every error. Here the first is left out, and the second is for the errors of workflows.
 */
const stackInSources = (() => {
  const { prepareStackTrace } = Error;
  (globalHandlers['overridePrepareStackTrace'] as () => void).call(globalHandlers);
  const ofWorkflows = Error.prepareStackTrace;
  Error.prepareStackTrace = prepareStackTrace;
  globalHandlers.installed = true;
  return ofWorkflows;
})();

/**
 * A worker whose workflows run in the process's own thread. In the SDK's threads each step of a workflow is sent there
 * and back and what it logged is asked for in a second message (docs/adr/0010-workflows-in-the-main-thread.md).
 */
export class MainThreadWorker extends Worker {
  protected static override createWorkflowCreator(
    ...[bundle, { activities }]: Parameters<typeof Worker.createWorkflowCreator>
  ): Promise<WorkflowCreator> {
    return MainThreadCreator.create(bundle, noWatchForEachCall, new Set(activities.keys()));
  }
}

class MainThreadCreator extends ReusableVMWorkflowCreator {
  protected override injectGlobals(sandbox: vm.Context): void {
    super.injectGlobals(sandbox);
    const { Error: ErrorInside } = vm.runInContext('globalThis', sandbox) as typeof globalThis;
    ErrorInside.prepareStackTrace = stackInSources;
  }

  override async createWorkflow(
    ...options: Parameters<ReusableVMWorkflowCreator['createWorkflow']>
  ): Promise<Workflow> {
    const workflow = await super.createWorkflow(...options);
    const activate = workflow.activate.bind(workflow);
    workflow.activate = (activation) => watched(() => activate(activation));
    return workflow;
  }
}

const script = new vm.Script('run()');
const context = vm.createContext({ run: undefined }) as { run: (() => void) | undefined };

/** What a workflow does until it waits; one that would never is ended. */
function watched<Result>(run: () => Result): Result {
  let result: Result | undefined;
  context.run = () => void (result = run());
  try {
    script.runInContext(context, { timeout: stepWithinMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    forgetAsyncStack();
    throw new Error(
      `A workflow's step was ended after ${stepWithinMs} ms: its code loops, or the machine stood still. It is tried again.`,
    );
  } finally {
    context.run = undefined;
  }
  return result as Result;
}

/**
 * What was ended in the middle stays on the stack that Node keeps for async hooks, and Node aborts the process when it
 * finds it there. It forgets that stack itself after an uncaught exception. Since Node 24 no stack is kept for what is
 * used here, nor can it be reached.
 */
function forgetAsyncStack(): void {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const { binding } = process as unknown as { binding(name: string): { clearAsyncIdStack(): void } };
  binding('async_wrap').clearAsyncIdStack();
}
