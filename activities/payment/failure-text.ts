import type { PayloadCodec } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

export type RawFailure = temporal.api.failure.v1.IFailure | null | undefined;

/** The innermost cause says most. */
export function causeOf(failure: RawFailure): RawFailure {
  return failure?.cause == null ? failure : causeOf(failure.cause);
}

/** What a failure that Temporal keeps says of its cause: messages are encrypted like payloads. */
export async function failureText(failure: RawFailure, codec: PayloadCodec): Promise<string | undefined> {
  const cause = causeOf(failure);
  if (cause?.encodedAttributes == null) return cause?.message ?? undefined;
  const [plain] = await codec.decode([cause.encodedAttributes]);
  const text = Buffer.from(plain?.data ?? []).toString('utf8');
  return (JSON.parse(text) as { message?: string }).message;
}
