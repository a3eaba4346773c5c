import { json, type Answer } from '../parts/http-answers';
import { refuse } from './errors';
import { derivedId } from './objects';

/** What Stripe takes as evidence. */
const types = ['application/pdf', 'image/png', 'image/jpeg'];

export const fileBytesMax = 5 * 1_048_576;

/** `POST /v1/files`. The sandbox looks at what was sent and remembers nothing but its id, which its content makes. */
export function takeFile(contentType: string, body: Buffer): Answer {
  const boundary = /boundary=([^;\s]{1,100})/.exec(contentType)?.[1];
  const parts = boundary === undefined ? [] : body.toString('latin1').split(`--${boundary}`);
  const purpose = parts.find((part) => part.includes('name="purpose"'));
  const file = parts.find((part) => part.includes('name="file"'));
  const type = /content-type: ([^\r\n;]+)/i.exec(file ?? '')?.[1] ?? '';
  const [, content = ''] = file?.split('\r\n\r\n') ?? [];
  if (!purpose?.includes('dispute_evidence') || !types.includes(type) || content === '') {
    return refuse(400, 'invalid_request_error', undefined, 'wants dispute evidence as PDF, PNG or JPEG');
  }
  return json(200, {
    id: derivedId('file_', type, content),
    object: 'file',
    purpose: 'dispute_evidence',
    size: content.length,
    type: type.slice(type.indexOf('/') + 1),
  });
}
