import { types } from 'node:util';
import { isGrpcServiceError } from '@temporalio/client';
import { ApiError } from './errors';

/** Classes 08, 53 and 57: connection lost, out of resources, shutting down or starting. 40: try again. */
const passingSqlStates = /^(08|53|57|40|25006)/;
const networkErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** pg reports these as plain errors, by their text alone. */
const lostConnection =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|query read timeout/i;

/** gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. */
const passingGrpcCodes = new Set([4, 8, 10, 14]);
/** FAILED_PRECONDITION that passes: the workflow's tasks fail or time out just now, and it takes no update meanwhile. */
const notReady = { code: 9, words: /workflow task in failed state/i };
/** UNKNOWN, as the client calls a connection that breaks while it waits for the answer. */
const brokenOff = { code: 2, words: /transport error/i };

/** What was thrown and nobody expected: ours to explain, never with its own words, which may hold data. */
export function classifyUnexpected(error: unknown): ApiError {
  if (error instanceof ApiError) return error as ApiError;
  const ofBody = bodyError(error);
  if (ofBody !== undefined) return ofBody;
  if (isTemporalAway(error)) return new ApiError('temporal_unavailable');
  if (isDatabaseAway(error)) return new ApiError('database_unavailable');
  return new ApiError('internal_error');
}

/** What Express's body readers throw, wherever one stands. */
function bodyError(error: unknown): ApiError | undefined {
  if (!types.isNativeError(error) || !('type' in error)) return undefined;
  switch (error.type) {
    case 'entity.too.large':
      // The rest of the body is not read, so the connection can't carry another request.
      return new ApiError('body_too_large', {
        ...('limit' in error ? { message: `The body is larger than ${String(error.limit)} bytes.` } : {}),
        headers: { Connection: 'close' },
      });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ApiError('content_type_unsupported');
    case 'request.aborted':
    case 'request.size.invalid':
      return new ApiError('request_timeout');
    case 'entity.parse.failed':
      return new ApiError('body_invalid_json');
    default:
      return undefined;
  }
}

function isDatabaseAway(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors) && error.errors.some(isDatabaseAway)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isSqlState = /^[0-9A-Z]{5}$/.test(code) && 'severity' in error;
  if (isSqlState) return passingSqlStates.test(code);
  return networkErrors.has(code) || lostConnection.test(error.message);
}

function isTemporalAway(error: unknown): boolean {
  const cause = grpcCauseOf(error);
  if (cause === undefined) return false;
  const passes = [notReady, brokenOff].some(
    ({ code, words }) => Number(cause.code) === code && words.test(cause.message),
  );
  return passes || passingGrpcCodes.has(cause.code);
}

/** RESOURCE_EXHAUSTED: it is there, and takes no more of this just now. */
export function isTemporalFull(error: unknown): boolean {
  return Number(grpcCauseOf(error)?.code) === 8;
}

function grpcCauseOf(error: unknown) {
  for (
    let cause = error, depth = 0;
    types.isNativeError(cause) && depth < 5;
    cause = cause.cause, depth += 1
  ) {
    if (isGrpcServiceError(cause)) return cause;
  }
  return undefined;
}
