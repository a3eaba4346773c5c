import type { ChannelError } from '../../../../../../domain/payment/outcome';

/**
 * What stands where a piece of this channel is still to be written: it says which, and claims nothing, neither that
 * money moved nor that it did not. Delete this file with the last piece; the compiler shows what goes with it.
 */
export interface Unwritten {
  kind: 'unknown';
  code: 'provider_error';
  message: string;
}

export function unwritten(what: string, file: string): Unwritten {
  const message = `NewChannel is not written yet: ${what} (integrations/channels/newchannel/${file})`;
  return { kind: 'unknown', code: 'provider_error', message };
}

export function unwrittenAnswer(what: string, file: string): { kind: 'unknown'; error: ChannelError } {
  const { kind, code, message } = unwritten(what, file);
  return { kind, error: { code, message } };
}
