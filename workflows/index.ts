/** All workflows of a worker: one bundle holds them. */
export { payment } from './payment';
export { late } from './late';
export { sweep } from './sweep';
