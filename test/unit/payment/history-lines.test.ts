import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { createReadHistory } from '../../../activities/payment/read-history';
import { historyLines, type HistoryEvent } from '../../../domain/payment/history-lines';

const at = '2026-01-01T00:00:00.000Z';
const step = { at, activity: 'closeCharge', failure: 'no complete answer in time' };

test.each<[Omit<HistoryEvent, 'at'>, string]>([
  [{ type: 'ACTIVITY_TASK_FAILED' }, 'Step closeCharge failed for good: no complete answer in time'],
  [{ type: 'ACTIVITY_TASK_TIMED_OUT' }, 'Step closeCharge ran out of time.'],
  [{ type: 'ACTIVITY_TASK_FAILED', isToStop: true }, 'Step closeCharge was given up, because news came.'],
  [{ type: 'ACTIVITY_TASK_TIMED_OUT', isToStop: true }, 'Step closeCharge was given up, because news came.'],
  [{ type: 'ACTIVITY_TASK_CANCELED' }, 'Step closeCharge was given up, because news came.'],
])('the end of a step is told as what it was: %j', (event, what) => {
  expect(historyLines([{ ...step, ...event }])).toEqual([{ at, what }]);
});

test('a step that was asked to stop has not failed, and the others in the same history have', async () => {
  const { EventType } = temporal.api.enums.v1;
  const eventTime = { seconds: 1_767_225_600 as never, nanos: 0 };
  const event = (id: number, eventType: number, attributes: object) => ({
    ...{ eventId: id as never, eventTime, eventType },
    ...attributes,
  });
  const failed = (scheduledEventId: number) => ({
    activityTaskFailedEventAttributes: { scheduledEventId, failure: { message: 'no answer' } },
  });
  const scheduled = (name: string) => ({
    activityTaskScheduledEventAttributes: { activityType: { name } },
  });
  const events = [
    event(5, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, scheduled('closeCharge')),
    event(6, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, scheduled('notify')),
    event(7, EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED, {
      activityTaskCancelRequestedEventAttributes: { scheduledEventId: 5 },
    }),
    event(8, EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED, failed(6)),
    event(9, EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED, failed(5)),
  ];
  const client = {
    connection: { withDeadline: (_deadline: number, run: () => Promise<unknown>) => run() },
    workflow: { getHandle: () => ({ fetchHistory: () => Promise.resolve({ events }) }) },
  } as unknown as Client;
  const readHistory = createReadHistory({
    client,
    codec: {
      encode: (payloads) => Promise.resolve(payloads),
      decode: (payloads) => Promise.resolve(payloads),
    },
  });
  expect((await readHistory('payment/one'))?.lines.map(({ what }) => what)).toEqual([
    'Step notify failed for good: no answer',
    'Step closeCharge was given up, because news came.',
  ]);
});
