import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { findDispute } from '../../../db/read-models/dispute-list';
import {
  evidencePlace,
  insertEvidence,
  listEvidence,
  type StoredEvidence,
} from '../../../db/stores/dispute-evidence-store';
import { hasCardNumber } from '../../../domain/card-number';
import { isEvidenceRefusal, refusalOfEvidence, type EvidenceContent } from '../../../domain/dispute/evidence';
import { publicId } from '../../../domain/ids';
import type { ChannelError } from '../../../domain/payment/outcome';
import type { SecretBox } from '../../../security/secret-box';
import { askedBy } from '../../caller';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath } from '../../schemas/ids';
import { evidenceBody, evidenceRequestBytesMax, submitEvidenceBody } from './messages';
import type { SubmitEvidence } from './submit-evidence';

export interface EvidenceRoutesDeps {
  database: Database;
  secretBox: SecretBox;
  submitEvidence: SubmitEvidence;
}

type Given = z.output<typeof submitEvidenceBody>;

export function evidenceRoutes(deps: EvidenceRoutesDeps): Route[] {
  const submit = defineRoute({
    operationId: 'submitEvidence',
    method: 'post',
    path: '/disputes/{disputeId}/evidence',
    tag: 'Disputes',
    summary: 'Send evidence for a dispute',
    description:
      'A text, a document (PDF, PNG, JPEG or plain text, up to 1 MiB, base64), or both; up to 20 times, until evidenceDueAt. Send an Idempotency-Key: then repeating the request sends it once. It is kept encrypted.',
    auth: 'either',
    params: z.strictObject({ disputeId: idInPath('dispute') }),
    body: submitEvidenceBody,
    bodyBytesMax: evidenceRequestBytesMax,
    responses: {
      201: { description: 'The channel has it.', body: evidenceBody },
      202: {
        description: 'It is kept, and still on its way to the channel.',
        body: evidenceBody,
        isInterim: true,
      },
    },
    errors: [
      'not_found',
      'card_number_refused',
      'dispute_closed',
      'evidence_too_late',
      'evidence_too_much',
      'evidence_not_supported',
      'channel_refused',
      'too_many_commands',
      'command_outcome_unknown',
    ],
    handler: async ({ caller, params, body, idempotency }) => {
      const dispute = await findDispute(deps.database, caller, params.disputeId);
      if (dispute === undefined) return fail('not_found');
      // Asked again, after a crash that swallowed the answer: what became of it is said, whatever time it is by now.
      const known = await shownEvidence(dispute.id, idempotency.resourceId);
      if (known?.status === 'accepted') return { status: 201 as const, body: known };
      if (known?.status === 'refused' && known.error !== null) return refused(known.error);
      const refusal = known === undefined ? refusalOfEvidence(dispute, new Date()) : undefined;
      if (refusal !== undefined) return fail(refusal);
      if (hasHiddenCardNumber(body)) return fail('card_number_refused', { param: 'document.content' });

      const evidenceId = idempotency.resourceId;
      const by = askedBy(caller);
      const content = JSON.stringify(contentOf(body));
      const written = await insertEvidence(deps.database, {
        id: evidenceId,
        disputeId: dispute.id,
        kind: body.kind,
        contentType: body.document?.contentType ?? 'text/plain',
        bytes: body.document?.content.length ?? Buffer.byteLength(body.text),
        content: deps.secretBox.seal(content, evidencePlace(evidenceId)),
        uploadedBy: by,
      });
      if (written === 'too_much') return fail('evidence_too_much');

      const submitted = await deps.submitEvidence(dispute, { evidenceId, by });
      if (submitted.kind === 'refused') return refused(submitted.error);
      const shown = await shownEvidence(dispute.id, evidenceId);
      if (shown === undefined) throw new Error(`Evidence ${evidenceId} is gone.`);
      return submitted.kind === 'done'
        ? { status: 201 as const, body: shown }
        : { status: 202 as const, body: shown };
    },
  });

  async function shownEvidence(disputeId: string, evidenceId: string) {
    const all = await listEvidence(deps.database, disputeId);
    const own = all.find(({ id }) => id === evidenceId);
    return own && presentEvidence(own);
  }

  return [submit];
}

function refused({ code, message }: Pick<ChannelError, 'code' | 'message'>) {
  return isEvidenceRefusal(code) ? fail(code) : fail('channel_refused', { message });
}

/** What stands in the body in clear is looked at before any route; a text that came as base64 is looked at here. */
function hasHiddenCardNumber({ document }: Given): boolean {
  return document?.contentType === 'text/plain' && hasCardNumber(document.content.toString('utf8'));
}

function contentOf({ text, document }: Given): EvidenceContent {
  if (document === undefined) return { text };
  const { name, contentType, content } = document;
  return { text, document: { name, contentType, contentBase64: content.toString('base64') } };
}

export function presentEvidence(evidence: StoredEvidence): z.input<typeof evidenceBody> {
  return {
    id: publicId('evidence', evidence.id),
    object: 'evidence',
    disputeId: publicId('dispute', evidence.disputeId),
    kind: evidence.kind,
    contentType: evidence.contentType,
    bytes: evidence.bytes,
    status: evidence.status,
    error: evidence.error ?? null,
    createdAt: evidence.createdAt.toISOString(),
  };
}
