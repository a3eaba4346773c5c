// Run by `npm run load` with k6. Arrival rates are fixed: payments come whether or not the last ones were answered,
// as customers do, so that a slow platform shows in the figures instead of slowing the load down.
import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';

const api = __ENV.API;
const rate = Number(__ENV.RATE || 20);
const seconds = Number(__ENV.SECONDS || 30);
const headers = { Authorization: `Bearer ${__ENV.API_KEY}`, 'Content-Type': 'application/json' };
const run = __ENV.RUN;
const startP99Ms = Number(__ENV.START_P99_MS || 2000);
const answeredWithinSeconds = Math.ceil(startP99Ms / 1000) + 1;

export const options = {
  discardResponseBodies: false,
  scenarios: {
    start: {
      executor: 'constant-arrival-rate',
      exec: 'start',
      rate,
      timeUnit: '1s',
      duration: `${seconds}s`,
      preAllocatedVUs: rate * 2,
      maxVUs: rate * 10,
    },
    read: {
      executor: 'constant-arrival-rate',
      exec: 'read',
      rate: rate * 2,
      timeUnit: '1s',
      duration: `${seconds}s`,
      preAllocatedVUs: rate,
      maxVUs: rate * 4,
    },
    surge: {
      executor: 'ramping-arrival-rate',
      exec: 'start',
      startTime: `${seconds}s`,
      startRate: rate,
      timeUnit: '1s',
      stages: [
        { target: rate * 2, duration: '5s' },
        { target: rate * 2, duration: '5s' },
        { target: 0, duration: '2s' },
      ],
      preAllocatedVUs: rate * 4,
      maxVUs: rate * 20,
    },
  },
  thresholds: {
    'http_req_failed{operation:start}': ['rate<0.001'],
    'http_req_failed{operation:read}': ['rate<0.001'],
    'http_req_duration{operation:start}': [`p(99)<${startP99Ms}`],
    'http_req_duration{operation:read}': [`p(99)<${__ENV.READ_P99_MS || 1000}`],
    dropped_iterations: ['count<1'],
    checks: ['rate>0.999'],
  },
};

export function start() {
  const orderId = `load-${run}-${exec.scenario.name}-${exec.scenario.iterationInTest}`;
  const body = JSON.stringify({ orderId, amount: '100.50', currency: 'USD', description: 'load' });
  const response = http.post(`${api}/payments`, body, { headers, tags: { operation: 'start' } });
  check(response, {
    'is started': ({ status }) => status === 201 || status === 202,
    'says what comes next': (answer) => answer.status !== 201 || answer.json('nextAction.url') !== undefined,
  });
}

/** Merchants' servers ask about payments of a moment ago: of so long ago that the answer should have been there. */
export function read() {
  const iteration = Math.max(0, Math.floor(exec.scenario.iterationInTest / 2) - rate * answeredWithinSeconds);
  const response = http.get(`${api}/payments/load-${run}-start-${iteration}`, {
    headers,
    tags: { operation: 'read' },
    responseCallback: http.expectedStatuses(200, { min: 404, max: 404 }),
  });
  // In the first seconds there may be nothing yet.
  check(response, { 'is found': ({ status }) => status === 200 || iteration === 0 });
}
