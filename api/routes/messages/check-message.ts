import { z } from 'zod';
import { fail, type ApiError } from '../../errors';
import type { newMessage } from './schemas';

const number = /^\+[1-9][0-9]{6,14}$/;
const smsLengthMax = 1_600;

/** What a message has to be depends on what its services send. */
export function checkMessage(
  kind: 'mail' | 'sms',
  message: z.output<typeof newMessage>,
): ApiError<'parameter_invalid' | 'parameter_missing' | 'parameter_unknown'> | undefined {
  const wrong = (param: string, wants: string) => fail('parameter_invalid', { param, message: wants });
  if (kind === 'mail') {
    if (!z.email().safeParse(message.recipient).success)
      return wrong('recipient', 'A mail wants a mail address.');
    if (message.subject === undefined) return fail('parameter_missing', { param: 'subject' });
    return undefined;
  }
  if (!number.test(message.recipient)) {
    return wrong('recipient', 'An SMS wants a number with its country, such as +886912345678.');
  }
  if (message.subject !== undefined) return fail('parameter_unknown', { param: 'subject' });
  if (message.html !== undefined) return fail('parameter_unknown', { param: 'html' });
  if (message.body.length > smsLengthMax) {
    return wrong('body', `An SMS has at most ${smsLengthMax} characters.`);
  }
  return undefined;
}
