import { z } from 'zod';
import type { Settings } from '../../../config/settings';
import { newId } from '../../../db/ids';
import type { Database, Queryable } from '../../../db/pool';
import type { Scope } from '../../../db/scope';
import { endpointSecretPlace } from '../../../db/stores/callback-endpoint-store';
import { listChannelChoices } from '../../../db/stores/channel-configs-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import { findPaymentConfig, putPaymentConfig, type ConfigOf } from '../../../db/stores/payment-configs-store';
import { ensureWebhookEndpoint } from '../../../db/stores/webhook-endpoints-store';
import { inTransaction } from '../../../db/transaction';
import { newSigningSecret } from '../../../security/signing-secret';
import type { SecretBox } from '../../../security/secret-box';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors } from '../../schemas/amount';
import { modeOf, modeQuery } from '../../schemas/mode';
import { merchantParams } from '../merchants/schemas';
import { checkPaymentConfig } from './check';
import {
  paymentConfigInput,
  paymentConfigOutput,
  presentPaymentConfig,
  writtenPaymentConfigOutput,
} from './schemas';

export interface PaymentConfigDeps {
  database: Database;
  secretBox: SecretBox;
  settings: Pick<Settings, 'PAYMENT_EXPIRY_MS'>;
}

/** How a merchant takes payments, per mode: written by an operator, or by the merchant for itself. */
export function paymentConfigRoutes(deps: PaymentConfigDeps): Route[] {
  const get = defineRoute({
    operationId: 'getPaymentConfig',
    method: 'get',
    path: '/merchants/{merchantId}/payment-config',
    tag: 'Merchants',
    summary: 'Read how a merchant takes payments',
    auth: 'either',
    params: merchantParams,
    query: z.strictObject({ mode: modeQuery }),
    responses: { 200: { description: 'The payment configuration.', body: paymentConfigOutput } },
    errors: ['not_found', 'permission_denied'],
    handler: async ({ caller, params, query }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const row = await findPaymentConfig(deps.database, caller, { merchantId: params.merchantId, mode });
      return row === undefined ? fail('not_found') : { status: 200, body: presentPaymentConfig(row) };
    },
  });

  const put = defineRoute({
    operationId: 'putPaymentConfig',
    method: 'put',
    path: '/merchants/{merchantId}/payment-config',
    tag: 'Merchants',
    summary: 'Set how a merchant takes payments',
    description:
      'Replaces the whole configuration of one mode: read it, change what you want to change, and send it back with its `version`. Payments that have begun keep the one they began with.',
    auth: 'either',
    params: merchantParams,
    query: z.strictObject({ mode: modeQuery }),
    body: paymentConfigInput,
    responses: { 200: { description: 'The configuration as it is now.', body: writtenPaymentConfigOutput } },
    errors: ['not_found', 'permission_denied', 'version_required', 'version_conflict', ...amountErrors],
    handler: async ({ caller, params, query, body }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const merchant = await findMerchant(deps.database, caller, params.merchantId);
      if (merchant === undefined) return fail('not_found');
      const checked = checkPaymentConfig(body, mode, await listChannelChoices(deps.database, mode));
      if (checked instanceof ApiError) return checked;

      const of: ConfigOf = { merchantId: merchant.id, mode };
      return inTransaction(deps.database, async (transaction) => {
        const endpoint = await endpointFor(transaction, caller, { of, url: body.callbackUrl });
        const version = await putPaymentConfig(transaction, caller, {
          ...of,
          currencies: body.currencies,
          ...checked,
          callbackEndpointId: endpoint.id,
          expiryMs: BigInt(
            body.expiresInSeconds === undefined
              ? deps.settings.PAYMENT_EXPIRY_MS
              : body.expiresInSeconds * 1_000,
          ),
          rules: {
            attemptsMax: body.attemptsMax,
            captureWithinMs: body.captureWithinSeconds * 1_000,
            captureAtDeadline: body.captureAtDeadline,
            reviewWithinMs: body.reviewWithinSeconds * 1_000,
            reviewAtDeadline: body.reviewAtDeadline,
            lateMoney: body.lateMoney,
          },
          onVersion: body.version ?? 0,
        });
        // Thrown, not returned: a new endpoint must not outlive the refused write.
        if (version === undefined) {
          throw fail(body.version === undefined ? 'version_required' : 'version_conflict', {
            param: 'version',
          });
        }
        const row = await findPaymentConfig(transaction, caller, of);
        if (row === undefined) throw fail('not_found');
        return {
          status: 200 as const,
          body: { ...presentPaymentConfig(row), callbackSecret: endpoint.newSecret },
        };
      });
    },
  });

  /** The endpoint of an address, made with a secret of its own the first time the address is used. */
  async function endpointFor(
    db: Queryable,
    scope: Scope,
    { of, url }: { of: ConfigOf; url: string | null },
  ): Promise<{ id: string | null; newSecret: string | null }> {
    if (url === null) return { id: null, newSecret: null };
    const id = newId();
    const newSecret = newSigningSecret();
    const secret = deps.secretBox.seal(newSecret, endpointSecretPlace(id));
    const endpoint = await ensureWebhookEndpoint(db, scope, { id, ...of, url, secret });
    if (endpoint === undefined) throw fail('not_found');
    return { id: endpoint.id, newSecret: endpoint.isNew ? newSecret : null };
  }

  return [get, put];
}
