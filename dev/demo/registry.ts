import { payment } from './stories/payment';
import type { Story } from './story';

/** All stories there are. A new one: a file in `stories/`, and its line here. */
export const stories: readonly Story[] = [payment];
