/** An event of a workflow's history in the few words that explain a payment; payloads are already readable. */
export interface HistoryEvent {
  at: string;
  type: string;
  attempt?: number;
  activity?: string;
  /** Its workflow had asked the activity to stop by then: that it ends is no failure. */
  isToStop?: boolean;
  failure?: string;
  signal?: string;
  update?: string;
  timerMs?: number;
  /** What a timer is for, where its workflow says so. */
  summary?: string;
}

export interface HistoryLine {
  at: string;
  what: string;
}

/**
 * What only the workflow's history knows: waiting, tries, workers lost, commands. What the database tells better
 * (every change of state) is left to it.
 */
export function historyLines(events: readonly HistoryEvent[]): HistoryLine[] {
  return events.flatMap((event) => {
    const what = words(event);
    return what === undefined ? [] : [{ at: event.at, what }];
  });
}

/** The summary is a line of its own in Temporal UI. */
function waits(summary: string, atLongest: string): string {
  const rest = /^Waits (.*)$/s.exec(summary)?.[1];
  return rest === undefined ? `It waits ${atLongest}: ${summary}.` : `It waits ${rest} (${atLongest}).`;
}

function words(event: HistoryEvent): string | undefined {
  switch (event.type) {
    case 'WORKFLOW_EXECUTION_STARTED':
      return 'The workflow began.';
    case 'WORKFLOW_EXECUTION_SIGNALED':
      return `The workflow was told: ${event.signal ?? 'something'}.`;
    case 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED':
      return `A command was accepted: ${event.update ?? 'command'}.`;
    case 'TIMER_STARTED':
      if (event.summary !== undefined) return waits(event.summary, duration(event.timerMs ?? 0));
      return `Nothing to do: it waits for news, ${duration(event.timerMs ?? 0)} at the longest.`;
    case 'TIMER_FIRED':
      return 'No news came in time: it acts by itself.';
    case 'ACTIVITY_TASK_STARTED':
      return (event.attempt ?? 1) > 1
        ? `Step ${event.activity ?? ''} ran for the ${event.attempt}th time; the one before failed: ${event.failure ?? 'no reason known'}`
        : undefined;
    case 'ACTIVITY_TASK_FAILED':
      if (event.isToStop === true) return givenUp(event);
      return `Step ${event.activity ?? ''} failed for good: ${event.failure ?? 'no reason known'}`;
    case 'ACTIVITY_TASK_TIMED_OUT':
      return event.isToStop === true ? givenUp(event) : `Step ${event.activity ?? ''} ran out of time.`;
    case 'ACTIVITY_TASK_CANCELED':
      return givenUp(event);
    case 'WORKFLOW_TASK_TIMED_OUT':
      return 'The process that worked on it was lost; another one took over.';
    case 'WORKFLOW_TASK_FAILED':
      return `A process could not go on with it (${event.failure ?? 'no reason known'}); it is tried again.`;
    case 'WORKFLOW_EXECUTION_COMPLETED':
      return 'The workflow ended: nothing is left to do.';
    case 'WORKFLOW_EXECUTION_FAILED':
      return `The workflow failed: ${event.failure ?? 'no reason known'}`;
    case 'WORKFLOW_EXECUTION_TERMINATED':
      return 'The workflow was ended by hand; a sweep gives the payment a new one if it is still open.';
    default:
      return undefined;
  }
}

/** Only news stops a step of a payment. What its last try came to says nothing any more. */
function givenUp({ activity = '' }: HistoryEvent): string {
  return `Step ${activity} was given up, because news came.`;
}

function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.trunc(seconds / 60)} min` : `${Math.trunc(seconds / 3_600)} h`;
}
