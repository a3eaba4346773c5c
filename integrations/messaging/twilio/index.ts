import type { MessagingAdapter } from '../messaging-provider';
import { createTwilioClient, type TwilioCall, type TwilioDependencies } from './client';
import { twilioConfiguration, type TwilioConfiguration } from './configuration';
import { messageFate, sendOutcome, testOutcome } from './transformers';

/** Twilio through its official SDK: docs/messaging.md. */
export function createTwilio(deps: TwilioDependencies): MessagingAdapter<TwilioConfiguration> {
  const client = createTwilioClient(deps);
  const askAccount = async (call: TwilioCall) =>
    testOutcome(
      await client.ask(call, 'test', (twilio) =>
        twilio.api.v2010.accounts(call.service.configurations.accountSid).fetch(),
      ),
    );
  return {
    serviceType: 'SMS_SERVICE',
    kind: 'TWILIO',
    apiVersion: '2010-04-01',
    configurationSchema: twilioConfiguration,
    secretFields: ['authToken', 'previousAuthToken'],
    limits: { perSecond: 1_000 },
    messageKind: 'sms',
    // Its messages carry nothing of ours; of one in doubt the status callback tells, whose address does.
    findsByReference: false,

    async send(call, message) {
      if (message.kind !== 'sms') {
        const wants = 'Twilio sends SMS and nothing else';
        return { kind: 'misconfigured', code: 'channel_misconfigured', message: wants };
      }
      const { from, messagingServiceSid } = call.service.configurations;
      return sendOutcome(
        await client.ask(call, 'send', (twilio) =>
          twilio.messages.create({
            to: message.to,
            body: message.text,
            ...(messagingServiceSid === undefined ? { from } : { messagingServiceSid }),
            ...(message.statusUrl === undefined ? {} : { statusCallback: message.statusUrl }),
          }),
        ),
      );
    },

    async fateOf(call, { providerRef }) {
      if (providerRef === undefined) {
        const error = { code: 'not_findable', message: 'Twilio finds messages by its own number only.' };
        return { kind: 'unknown', error };
      }
      return messageFate(await client.ask(call, 'query', (twilio) => twilio.messages(providerRef).fetch()));
    },

    testConnection: (call) => askAccount(call),
    checkHealth: askAccount,
  };
}
