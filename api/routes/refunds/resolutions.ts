import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { findRefund } from '../../../db/read-models/refund-list';
import { findResolution, insertResolution } from '../../../db/stores/refund-resolutions-store';
import type { StoredRefund } from '../../../db/stores/refunds-store';
import { presentRefund } from '../../../domain/refund/present';
import { refundOutcomes } from '../../../domain/refund/resolution';
import { isRefundOver, type RefundStatus } from '../../../domain/refund/status';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, readSum } from '../../schemas/amount';
import { idInPath } from '../../schemas/ids';
import { refundBody } from './messages';

export interface ResolutionRoutesDeps {
  database: Database;
  /** Waits a moment for the refund's workflow to do what the operator said. */
  carryOut(refundId: string): Promise<StoredRefund | undefined>;
}

const resolveBody = z
  .strictObject({
    outcome: z.enum(refundOutcomes).meta({
      description:
        'made: the customer has the money, and the refund succeeds. not_made: nothing moved for it, and it fails.',
    }),
    reason: z.string().trim().min(1).max(500),
    outsideRefunded: z
      .string()
      .regex(/^(0|[1-9][0-9]*)(\.[0-9]+)?$/, 'wants a decimal string')
      .max(60)
      .optional()
      .meta({
        description:
          'All that the channel shows as given back of this charge, less the refunds of the platform that were made, this one among them if it was. The refunds that follow reckon with it where the channel knows them by their sum alone (ECPay); the number given last counts.',
        examples: ['300'],
      }),
  })
  .meta({ id: 'ResolveRefund' });

/** A refund of which the channel can't tell what became of it: an operator's word ends it. */
export function resolutionRoutes(deps: ResolutionRoutesDeps): Route[] {
  const resolve = defineRoute({
    operationId: 'resolveRefund',
    method: 'post',
    path: '/admin/refunds/{refundId}/resolve',
    tag: 'Refunds',
    summary: 'Say what became of a refund in doubt',
    description:
      'For a refund that is `unknown`, once the channel’s back office has told you. Said once; what the channel itself says first counts more. Send an Idempotency-Key: then repeating the request is safe.',
    auth: 'admin',
    params: z.strictObject({ refundId: idInPath('refund') }),
    body: resolveBody,
    responses: {
      200: { description: 'Done: the refund as it ended.', body: refundBody },
      202: {
        description: 'Said, and about to be carried out: read the refund again, or repeat the request.',
        body: refundBody,
        isInterim: true,
      },
    },
    errors: ['not_found', 'refund_not_in_doubt', ...amountErrors],
    handler: async ({ caller, params: { refundId }, body, idempotency }) => {
      const refund = await findRefund(deps.database, caller, refundId);
      if (refund === undefined) return fail('not_found');
      const outsideRefunded = readOutside(body.outsideRefunded, refund.currency);
      if (outsideRefunded instanceof ApiError) return outsideRefunded;
      const { outcome, reason } = body;
      const requestId = idempotency.resourceId;
      const word = { refundId, requestId, outcome, reason, keyId: caller.keyId, outsideRefunded };
      const isSaid = await insertResolution(deps.database, word);
      if (!isSaid && (await findResolution(deps.database, refundId))?.requestId !== requestId) {
        const now = await findRefund(deps.database, caller, refundId);
        return fail('refund_not_in_doubt', { message: whyNot((now ?? refund).status) });
      }
      const resolved = (await deps.carryOut(refundId)) ?? refund;
      const shown = { ...presentRefund(resolved), mode: resolved.mode };
      return isRefundOver(resolved.status)
        ? { status: 200 as const, body: shown }
        : { status: 202 as const, body: shown };
    },
  });

  return [resolve];
}

function readOutside(given: string | undefined, currency: string) {
  return given === undefined ? undefined : readSum(given, currency, 'outsideRefunded');
}

function whyNot(status: RefundStatus): string {
  if (status === 'unknown') return 'An operator has said already what became of this refund.';
  return `The refund is ${status}: nobody has to say what became of it.`;
}
