import { apiCaller, until } from '../../../../dev/demo/parties/http';
import { parsePublicId } from '../../../../domain/ids';
import { messageWorkflowId } from '../../../../workflows/contracts';
import type { RecordingCase, RecordingStage } from '../case';

const slowMs = 45_000;
const sms = {
  serviceTypePreference: ['SMS_PROVIDER_TWILIO'],
  recipient: '+886912345678',
  body: 'Your tea awaits.',
};
const mail = {
  serviceTypePreference: ['EMAIL_PROVIDER_PRIMARY', 'EMAIL_PROVIDER_BACKUP'],
  recipient: 'customer@tea.example',
  subject: 'Welcome',
  body: 'Your tea awaits.',
};

async function postboxFault(stage: RecordingStage, fault: object): Promise<void> {
  const answer = await fetch(`${stage.stack.sandboxes['postbox']}/sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ operation: 'create', ...fault }),
  });
  if (!answer.ok) throw new Error(`The postbox took no fault: ${await answer.text()}`);
}

/** Sends it, and waits for one status after the other. */
async function sends(
  stage: RecordingStage,
  message: object,
  path: readonly string[],
  between?: (id: string, operator: ReturnType<typeof apiCaller>, signal: AbortSignal) => Promise<unknown>,
): Promise<{ workflowId: string }> {
  const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  const { id } = await stage.step('operator', 'sends a message', async (signal) => {
    const { body } = await operator.post<{ id: string }>('/integrations/messages', message, signal);
    return body;
  });
  for (const [index, status] of path.entries()) {
    await stage.step(
      'operator',
      `sees it ${status}`,
      async (signal) => {
        if (index > 0) await between?.(id, operator, signal);
        await until(signal, async () => {
          const seen = await operator.get<{ status: string }>(`/integrations/messages/${id}`, signal);
          return seen.status === status || undefined;
        });
      },
      { withinMs: slowMs },
    );
  }
  return { workflowId: messageWorkflowId(parsePublicId('message', id) ?? '') };
}

export const messageCases: readonly RecordingCase[] = [
  { name: 'message/delivered', play: (stage) => sends(stage, sms, ['delivered']) },
  {
    name: 'message/in-doubt-then-told',
    async play(stage) {
      await postboxFault(stage, { kind: 'drop_after', reference: 'primary', count: 1 });
      return sends(stage, mail, ['delivered']);
    },
  },
  {
    name: 'message/dead-letter-then-sent',
    async play(stage) {
      await postboxFault(stage, { kind: 'not_processed', reference: 'twilio', count: 3 });
      return sends(stage, sms, ['dead_letter', 'delivered']);
    },
  },
  {
    name: 'message/dead-letter-retried-by-operator',
    async play(stage) {
      await postboxFault(stage, { kind: 'not_processed', reference: 'twilio', count: 3 });
      return sends(stage, sms, ['dead_letter', 'delivered'], (id, operator, signal) =>
        operator.post(`/integrations/messages/${id}/retry`, {}, signal),
      );
    },
  },
];
