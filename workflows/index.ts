/** All workflows of a worker: one bundle holds them. */
export { payment } from './payment';
export { callback } from './callback';
export { late } from './late';
export { dispute } from './dispute';
export { sweep } from './sweep';
export { refund } from './refund';
export { suspense } from './suspense';
export { message } from './message';
