import { z } from 'zod';
import { publicId } from '../../../domain/ids';
import type { Scope } from '../../../db/scope';
import {
  endpointSecretPlace,
  findSigningEndpoint,
  rotateEndpointSecret,
} from '../../../db/stores/callback-endpoint-store';
import { findPaymentConfig } from '../../../db/stores/payment-configs-store';
import { newSigningSecret } from '../../../security/signing-secret';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath } from '../../schemas/ids';
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
    description:
      'For 24 hours callbacks carry a signature of each, so that no server has to change in step. An address that came with a payment before it was the usual one keeps the secret that signed for it then, and that is the one renewed.',
    auth: 'either',
    params: merchantParams,
    query: z.strictObject({ mode: modeQuery }),
    responses: { 201: { description: 'The new secret.', body: callbackSecretOutput } },
    errors: ['not_found', 'permission_denied'],
    handler: async ({ caller, params, query, idempotency }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const of = { merchantId: params.merchantId, mode };
      const endpointId = (await findPaymentConfig(deps.database, caller, of))?.callbackEndpointId;
      if (endpointId == null) return fail('not_found', { message: 'There is no callback address.' });

      return rotated(caller, endpointId, idempotency.resourceId);
    },
  });

  const rotateOne = defineRoute({
    operationId: 'rotateEndpointSecret',
    method: 'post',
    path: '/webhook-endpoints/{id}/rotate-secret',
    tag: 'Callbacks',
    summary: 'Make a new secret for one callback address',
    description:
      "For 24 hours callbacks carry a signature of each. An address that came with a payment is signed with the secret of the merchant's usual one, and that is the one renewed.",
    auth: 'either',
    params: z.strictObject({ id: idInPath('webhookEndpoint') }),
    responses: { 201: { description: 'The new secret.', body: callbackSecretOutput } },
    errors: ['not_found'],
    handler: ({ caller, params, idempotency }) => rotated(caller, params.id, idempotency.resourceId),
  });

  async function rotated(scope: Scope, addressId: string, rotationId: string) {
    const signing = await findSigningEndpoint(deps.database, scope, addressId);
    if (signing === undefined) return fail('not_found');
    const { id: endpointId, ...of } = signing;
    const place = endpointSecretPlace(endpointId);
    const standing = await rotateEndpointSecret(deps.database, of, {
      endpointId,
      rotationId,
      sealedSecret: deps.secretBox.seal(newSigningSecret(), place),
      previousUntil: new Date(Date.now() + overlapMs),
    });
    if (standing === undefined) return fail('not_found');
    return {
      status: 201 as const,
      body: {
        object: 'callback_secret' as const,
        callbackEndpointId: publicId('webhookEndpoint', endpointId),
        callbackSecret: deps.secretBox.openText(standing.sealedSecret, place),
        previousSecretUntil: standing.previousUntil.toISOString(),
      },
    };
  }

  return [rotate, rotateOne];
}
