import type { RequestHandler } from 'express';
import type { PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { sameText } from '../security/constant-time';
import { UnreadableCiphertextError } from '../security/envelope';
import type { Mount } from './app';
import { fail } from './errors';
import { createReadBody } from './middleware/read-body';

const { Payloads } = temporal.api.common.v1;

/** A page of a workflow's history is many payloads in one request. */
const bodyBytesMax = 8 * 1024 * 1024;

export interface CodecDeps {
  codec: PayloadCodec;
  /** A part of the address, for Temporal UI can send no other secret than an address. */
  token: string;
  uiUrl: string;
}

/**
 * The codec endpoint of Temporal UI: it sends what it can't read and shows what comes back. Whoever has the
 * token reads every payload, so it is for operators' machines and the UI's origin only.
 */
export function createCodecEndpoint(deps: CodecDeps): Mount {
  const readBody = createReadBody({ bytesMax: bodyBytesMax });
  const uiOrigins = originsOf(deps.uiUrl);

  const guard: RequestHandler<{ token: string }> = (request, response, next) => {
    if (!sameText(request.params.token, deps.token)) return next(fail('route_unknown'));
    response.setHeader('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin !== undefined && uiOrigins.includes(origin)) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Access-Control-Allow-Methods', 'POST, OPTIONS');
      response.setHeader('Access-Control-Allow-Headers', 'Content-Type, X-Namespace, Authorization');
      response.setHeader('Access-Control-Max-Age', '600');
    }
    if (request.method !== 'OPTIONS') return next();
    response.status(204).end();
  };

  const answer =
    (work: PayloadCodec['decode']): RequestHandler =>
    async (request, response) => {
      const changed = await work(payloadsOf(await readBody(request, response))).catch((error: unknown) => {
        if (error instanceof UnreadableCiphertextError)
          throw fail('parameter_invalid', { message: error.message });
        throw error;
      });
      const message = Payloads.create({ payloads: changed });
      response.json(Payloads.toObject(message, { bytes: String }));
    };

  const decode = answer((payloads) => deps.codec.decode(payloads));
  const encode = answer((payloads) => deps.codec.encode(payloads));
  return (app, under) => {
    app.use(`${under}/codec/:token`, guard);
    app.post(`${under}/codec/:token/decode`, decode);
    app.post(`${under}/codec/:token/encode`, encode);
  };
}

/** On one's own machine the same page goes by two names. */
function originsOf(address: string): string[] {
  const url = new URL(address);
  const names = ['127.0.0.1', 'localhost'];
  if (!names.includes(url.hostname)) return [url.origin];
  return names.map((hostname) => Object.assign(new URL(url), { hostname }).origin);
}

function payloadsOf(body: unknown) {
  try {
    return Payloads.fromObject(body ?? {}).payloads;
  } catch {
    throw fail('parameter_invalid', { param: 'payloads', message: 'These are not payloads of Temporal.' });
  }
}
