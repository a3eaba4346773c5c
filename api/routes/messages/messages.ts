import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { listCalls } from '../../../db/stores/message-calls-store';
import { listServiceNames } from '../../../db/stores/services-store';
import {
  changeMessage,
  insertMessage,
  listMessages,
  loadMessage,
  messagePlace,
} from '../../../db/stores/messages-store';
import { inTransaction } from '../../../db/transaction';
import { maskRecipient } from '../../../domain/message/mask';
import type { SecretBox } from '../../../security/secret-box';
import type { Log } from '../../../telemetry/log';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInPath } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';
import { checkMessage } from './check-message';
import {
  messageOutput,
  messagesQuery,
  messageWithCalls,
  newMessage,
  presentCall,
  presentMessage,
  retryBody,
} from './schemas';

export interface MessageRoutesDeps {
  database: Database;
  secretBox: SecretBox;
  messages: {
    start(messageId: string): Promise<unknown>;
    nudge(messageId: string): Promise<void>;
  };
  settings: { MESSAGE_KEEP_TRYING_MS: number };
  log: Log;
}

const tag = 'Messages';
const kinds: Readonly<Record<string, 'mail' | 'sms'>> = { EMAIL_SERVICE: 'mail', SMS_SERVICE: 'sms' };
const params = z.strictObject({ id: idInPath('message') });

/** Mail and SMS: handed to a workflow each, and never lost on the way. */
export function messageRoutes(deps: MessageRoutesDeps): Route[] {
  const send = defineRoute({
    operationId: 'sendMessage',
    method: 'post',
    path: '/integrations/messages',
    tag,
    summary: 'Send a mail or an SMS',
    description: 'Taken and written down; a workflow sends it. Read it to see what became of it.',
    auth: 'admin',
    body: newMessage,
    responses: { 202: { description: 'Taken.', body: messageOutput } },
    errors: [],
    handler: async ({ caller, body, idempotency }) => {
      const serviceType = await commonType(body.serviceTypePreference);
      if (serviceType instanceof Error) return serviceType;
      const kind = kinds[serviceType];
      if (kind === undefined) {
        return fail('parameter_invalid', {
          param: 'serviceTypePreference',
          message: 'They send no messages.',
        });
      }
      const problem = checkMessage(kind, body);
      if (problem !== undefined) return problem;
      const { serviceTypePreference: preference, onDoubt, recipient, subject, body: text, html } = body;
      const id = idempotency.resourceId;
      await insertMessage(deps.database, {
        id,
        kind,
        serviceType,
        preference,
        recipientMasked: maskRecipient(recipient),
        content: deps.secretBox.seal(
          JSON.stringify({ recipient, subject, body: text, html }),
          messagePlace(id),
        ),
        onDoubt,
        requestedBy: { role: 'operator', keyId: caller.keyId },
        giveUpAt: new Date(Date.now() + deps.settings.MESSAGE_KEEP_TRYING_MS),
      });
      await deps.messages.start(id).catch((error: unknown) => {
        deps.log.warn(
          { err: error, messageId: id },
          'the workflow of a message was not started; the sweep will',
        );
      });
      const stored = await loadMessage(deps.database, id);
      if (stored === undefined) throw new Error('a message that was written is not there');
      return { status: 202, body: presentMessage(stored) };
    },
  });

  async function commonType(names: readonly string[]) {
    const param = 'serviceTypePreference';
    const known = await listServiceNames(deps.database);
    const types = new Set<string>();
    for (const name of names) {
      const service = known.find((one) => one.name === name);
      if (service === undefined) {
        return fail('parameter_invalid', { param, message: `There is no service ${name}.` });
      }
      types.add(service.serviceType);
    }
    const [type = '', ...others] = types;
    return others.length === 0
      ? type
      : fail('parameter_invalid', { param, message: 'They are of several types.' });
  }

  const list = defineRoute({
    operationId: 'listMessages',
    method: 'get',
    path: '/integrations/messages',
    tag,
    summary: 'List messages, newest first',
    auth: 'admin',
    query: messagesQuery,
    responses: { 200: { description: 'One page of messages.', body: listOf(messageOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const rows = await listMessages(deps.database, query);
      return { status: 200, body: toList(rows, query.limit, presentMessage) };
    },
  });

  const get = defineRoute({
    operationId: 'getMessage',
    method: 'get',
    path: '/integrations/messages/{id}',
    tag,
    summary: 'Read a message and each call about it',
    auth: 'admin',
    params,
    responses: { 200: { description: 'The message.', body: messageWithCalls } },
    errors: ['not_found'],
    handler: async ({ params: { id } }) => {
      const message = await loadMessage(deps.database, id);
      if (message === undefined) return fail('not_found');
      const calls = await listCalls(deps.database, id);
      return { status: 200, body: { ...presentMessage(message), calls: calls.map(presentCall) } };
    },
  });

  const retry = defineRoute({
    operationId: 'retryMessage',
    method: 'post',
    path: '/integrations/messages/{id}/retry',
    tag,
    summary: 'Try a message again now',
    description: 'One that waits, that was given up, or that may have been sent.',
    auth: 'admin',
    params,
    body: retryBody,
    responses: { 200: { description: 'It is queued again.', body: messageOutput } },
    errors: ['not_found', 'message_in_doubt', 'message_closed'],
    handler: async ({ params: { id }, body }) => {
      const result = await inTransaction(deps.database, async (transaction) => {
        const message = await loadMessage(transaction, id, { lock: true });
        switch (message?.status) {
          case undefined:
            return fail('not_found');
          case 'sent':
          case 'delivered':
          case 'undelivered':
          case 'refused':
            return fail('message_closed');
          case 'in_doubt':
            if (!body.mayArriveTwice) return fail('message_in_doubt');
            break;
          case 'queued':
          case 'dead_letter':
          case 'abandoned':
            break;
        }
        const giveUpAt = new Date(Date.now() + deps.settings.MESSAGE_KEEP_TRYING_MS);
        await changeMessage(transaction, id, { to: 'queued', tries: 0, wakeAt: new Date(), giveUpAt });
        return undefined;
      });
      if (result !== undefined) return result;
      await deps.messages.nudge(id).catch((error: unknown) => {
        deps.log.warn(
          { err: error, messageId: id },
          'the workflow of a message was not told; the sweep will',
        );
      });
      const message = await loadMessage(deps.database, id);
      return message === undefined
        ? fail('not_found')
        : { status: 200 as const, body: presentMessage(message) };
    },
  });

  return [send, list, get, retry];
}
