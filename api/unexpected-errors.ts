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

/** What was thrown and nobody expected: ours to explain, never with its own words, which may hold data. */
export function classifyUnexpected(error: unknown): ApiError {
  if (error instanceof ApiError) return error as ApiError;
  if (isTemporalAway(error)) return new ApiError('temporal_unavailable');
  if (isDatabaseAway(error)) return new ApiError('database_unavailable');
  return new ApiError('internal_error');
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
  for (
    let cause = error, depth = 0;
    types.isNativeError(cause) && depth < 5;
    cause = cause.cause, depth += 1
  ) {
    if (isGrpcServiceError(cause)) return passingGrpcCodes.has(cause.code);
  }
  return false;
}
