import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import { endpointSecretPlace, rotateEndpointSecret } from '../../../db/stores/callback-endpoint-store';
import { findPaymentConfig } from '../../../db/stores/payment-configs-store';
import { newSigningSecret } from '../../../security/signing-secret';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { modeOf, modeQuery } from '../../schemas/mode';
import { merchantParams } from '../merchants/schemas';
import type { PaymentConfigDeps } from './payment-config';
import { callbackSecretOutput } from './schemas';

/** As long as a merchant may take to bring the new secret to all its servers. */
const overlapMs = 86_400_000;

/** A new secret to sign callbacks with, when the old one is lost or has leaked. */
export function callbackSecretRoutes(deps: Pick<PaymentConfigDeps, 'database' | 'secretBox'>): Route[] {
  const rotate = defineRoute({
    operationId: 'rotateCallbackSecret',
    method: 'post',
    path: '/merchants/{merchantId}/payment-config/callback-secret',
    tag: 'Merchants',
    summary: 'Make a new secret to sign callbacks with',
    description: 'For 24 hours callbacks carry a signature of each, so that no server has to change in step.',
    auth: 'either',
    params: merchantParams,
    query: z.strictObject({ mode: modeQuery }),
    responses: { 201: { description: 'The new secret.', body: callbackSecretOutput } },
    errors: ['not_found', 'permission_denied'],
    handler: async ({ caller, params, query }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const of = { merchantId: params.merchantId, mode };
      const endpointId = (await findPaymentConfig(deps.database, caller, of))?.callbackEndpointId;
      if (endpointId == null) return fail('not_found', { message: 'There is no callback address.' });

      const secret = newSigningSecret();
      const previousUntil = new Date(Date.now() + overlapMs);
      const sealedSecret = deps.secretBox.seal(secret, endpointSecretPlace(endpointId));
      const isDone = await rotateEndpointSecret(deps.database, of, {
        endpointId,
        sealedSecret,
        previousUntil,
      });
      if (!isDone) return fail('not_found');
      return {
        status: 201,
        body: {
          object: 'callback_secret' as const,
          callbackEndpointId: publicId('webhookEndpoint', endpointId),
          callbackSecret: secret,
          previousSecretUntil: previousUntil.toISOString(),
        },
      };
    },
  });

  return [rotate];
}
