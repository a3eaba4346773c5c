import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Result } from './book';
import type { Cashier } from './cashier';
import { json, parseJson, readBody, refusal, type Answer } from '../parts/http-answers';
import { disputeMessage, type Dispute, type Order } from './order';

const disputeSchema = z.strictObject({
  reference: z.string(),
  amount: z.int().min(1).optional(),
  reason_code: z.string().min(1).max(100).default('fraudulent'),
  evidence_due_at: z.iso.datetime().optional(),
});

const evidenceWithinMs = 7 * 86_400_000;

/** What customers and their banks do elsewhere: `POST /sandbox/disputes`, then `…/{dispute_id}/win` or `/lose`. */
export async function answerDisputes(
  { cashier, now }: { cashier: Cashier; now: () => number },
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  const match = /^\/sandbox\/disputes(?:\/([^/]+)\/(win|lose))?$/.exec(url.pathname);
  if (match === null || request.method !== 'POST') return undefined;
  const [, disputeId, end] = match;
  if (disputeId !== undefined) return worded(cashier.endDispute(disputeId, end === 'win' ? 'won' : 'lost'));
  const wanted = disputeSchema.safeParse(parseJson(await readBody(request))).data;
  if (wanted === undefined) return refusal(400, 'invalid_request', 'the dispute does not read');
  const { reference, amount, reason_code: reasonCode, evidence_due_at: dueAt } = wanted;
  const evidenceDueAt = dueAt === undefined ? now() + evidenceWithinMs : Date.parse(dueAt);
  return worded(cashier.openDispute(reference, { amount, reasonCode, evidenceDueAt }));
}

function worded(result: Result<{ order: Order; dispute: Dispute }>): Answer {
  return result.ok
    ? json(200, disputeMessage(result.value.order, result.value.dispute))
    : refusal(409, result.code, result.code.replaceAll('_', ' '));
}
