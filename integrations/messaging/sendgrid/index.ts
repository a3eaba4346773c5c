import type { MessagingAdapter } from '../messaging-provider';
import { createSendgridClient, type SendgridCall, type SendgridDependencies } from './client';
import { sendgridConfiguration, type SendgridConfiguration } from './configuration';
import { mailData, sendOutcome, testOutcome } from './transformers';

/** SendGrid through its official SDK: docs/messaging.md. */
export function createSendgrid(deps: SendgridDependencies): MessagingAdapter<SendgridConfiguration> {
  const client = createSendgridClient(deps);
  const askScopes = async (call: SendgridCall) =>
    testOutcome(
      await client.ask(call, 'test', (sdk) => sdk.client.request({ method: 'GET', url: '/v3/scopes' })),
    );
  return {
    serviceType: 'EMAIL_SERVICE',
    kind: 'SENDGRID',
    apiVersion: 'v3',
    configurationSchema: sendgridConfiguration,
    secretFields: ['apiKey'],
    limits: { perHour: 10_000 },
    messageKind: 'mail',
    // The activity feed is sold apart, and lags: of a mail in doubt only its events tell.
    findsByReference: false,

    async send(call, message) {
      if (message.kind !== 'mail') {
        const wants = 'SendGrid sends mail and nothing else';
        return { kind: 'misconfigured', code: 'channel_misconfigured', message: wants };
      }
      const data = mailData(call.service.configurations, message);
      return sendOutcome(await client.ask(call, 'send', ({ mail }) => mail.send(data)));
    },

    testConnection: (call) => askScopes(call),
    checkHealth: askScopes,
  };
}
