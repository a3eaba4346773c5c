import { json, type Answer } from '../parts/http-answers';

/** An error as Stripe words it. */
export function refuse(
  status: number,
  type: string,
  code: string | undefined,
  message: string,
  more: object = {},
): Answer {
  return json(status, { error: { type, ...(code === undefined ? {} : { code }), message, ...more } });
}
