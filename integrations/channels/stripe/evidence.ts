import type { EvidenceOutcome } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { ChannelCall, EvidenceRequest } from '../payment-provider';
import type { StripeAnswer, StripeClient } from './client';
import { evidenceOutcome, wordEvidence, type EvidenceFile } from './disputes';
import { doubtful } from './errors';
import { fileSchema } from './messages';

/**
 * Puts evidence before the bank: the file first, then the dispute with it. Each step has its own idempotency key,
 * made from the submission's, so that a repeat files nothing twice.
 */
export async function submitEvidence(
  client: StripeClient,
  call: ChannelCall,
  request: EvidenceRequest,
): Promise<EvidenceOutcome> {
  const worded = wordEvidence(request);
  if (worded.kind === 'declined') return worded;
  const { text, file } = worded;
  let fileId: string | undefined;
  if (file !== undefined) {
    const uploaded = await upload(client, call, `${request.reference}-file`, file);
    if (uploaded.kind !== 'ok') return evidenceOutcome(request, uploaded);
    fileId = fileSchema.safeParse(uploaded.value.body).data?.id;
    if (fileId === undefined) return doubtful('answer_unreadable', 'Stripe did not say which file it has.');
  }
  const submitted = await client.ask(call, 'evidence', (stripe, options) =>
    stripe.disputes.update(
      request.disputeRef,
      {
        evidence: {
          ...(text === '' ? {} : { uncategorized_text: text }),
          ...(fileId === undefined ? {} : { uncategorized_file: fileId }),
        },
        submit: true,
      },
      { ...options, idempotencyKey: request.reference },
    ),
  );
  return evidenceOutcome(request, submitted);
}

function upload(
  client: StripeClient,
  call: ChannelCall,
  idempotencyKey: string,
  { name, contentType, contentBase64 }: EvidenceFile,
): Promise<CallOutcome<StripeAnswer>> {
  const data = Buffer.from(contentBase64, 'base64');
  return client.ask(call, 'upload', (stripe, options) =>
    stripe.files.create(
      { purpose: 'dispute_evidence', file: { data, name, type: contentType } },
      { ...options, idempotencyKey },
    ),
  );
}
