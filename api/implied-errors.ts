import type { ErrorCode } from './errors';
import type { Route } from './route';

/** What a route may answer because of its kind, so that each declares only what is its own. */
export function impliedErrors(route: Route): ErrorCode[] {
  const isRead = route.method === 'get';
  const codes: ErrorCode[] = ['internal_error', 'parameter_unknown'];
  if (route.auth !== 'public') {
    codes.push('authentication_required', 'api_key_invalid', 'api_key_revoked', 'database_unavailable');
    if (route.auth !== 'either') codes.push('permission_denied');
    if (route.auth !== 'admin' && !isRead) codes.push('merchant_suspended');
  }
  if (route.params !== undefined || route.query !== undefined || route.body !== undefined || !isRead) {
    codes.push('parameter_missing', 'parameter_invalid');
  }
  if (!isRead) {
    codes.push(
      'body_invalid_json',
      'body_too_large',
      'content_type_unsupported',
      'request_timeout',
      'card_number_refused',
    );
  }
  if (route.method === 'post' && route.auth !== 'public') {
    codes.push('idempotency_key_invalid', 'idempotency_key_reused', 'idempotency_in_progress');
  }
  return codes;
}
