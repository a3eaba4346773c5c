import { randomUUID } from 'node:crypto';
import type { MessagingAdapter } from '../messaging-provider';
import { apiVersion, createAliyunClient, type AliyunCall, type AliyunDependencies } from './client';
import { aliyunConfiguration, type AliyunConfiguration } from './configuration';
import { detailsQuery, messageFate, sendOutcome, sendQuery, testOutcome } from './transformers';

/** Alibaba Cloud's SMS: docs/messaging.md. */
export function createAliyun(deps: AliyunDependencies): MessagingAdapter<AliyunConfiguration> {
  const client = createAliyunClient(deps);
  const askTemplate = async (call: AliyunCall) => {
    const { templateCode } = call.service.configurations;
    return testOutcome(await client.ask(call, 'GetSmsTemplate', { TemplateCode: templateCode }));
  };
  return {
    serviceType: 'SMS_SERVICE',
    kind: 'ALIYUN_SMS',
    apiVersion,
    configurationSchema: aliyunConfiguration,
    secretFields: ['accessKeySecret'],
    limits: { perSecond: 5_000 },
    messageKind: 'sms',
    // By OutId, which is our reference.
    findsByReference: true,

    async send(call, message) {
      if (message.kind !== 'sms') {
        const wants = 'this service sends SMS and nothing else';
        return { kind: 'misconfigured', code: 'channel_misconfigured', message: wants };
      }
      const query = sendQuery(call.service.configurations, message);
      return sendOutcome(await client.ask(call, 'SendSms', query));
    },

    async fateOf(call, query) {
      return messageFate(query, await client.ask(call, 'QuerySendDetails', detailsQuery(query)));
    },

    /** With a recipient a test message proves the signature's name too; without one the template is looked at. */
    testConnection(call, { recipient }) {
      if (recipient === undefined) return askTemplate(call);
      const test = {
        kind: 'sms',
        reference: `test_${randomUUID()}`,
        to: recipient,
        text: 'Durapay',
      } as const;
      return client.ask(call, 'SendSms', sendQuery(call.service.configurations, test));
    },
    checkHealth: askTemplate,
  };
}
