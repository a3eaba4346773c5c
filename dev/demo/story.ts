import type { StackFile } from '../stack/stack-file';

/** One thing that happens between people and the platform, played from beginning to end by separate parties. */
export interface Story {
  /** As in `npm run demo -- --story NAME`. */
  name: string;
  /** One line, for `--list`. */
  summary: string;
  play(stage: Stage): Promise<void>;
}

/** What a story has: the running stack, and steps. It knows nothing else, so all it does goes over HTTP. */
export interface Stage {
  stack: StackFile;
  /**
   * Does one thing, waits for it (20 s, unless said otherwise) and prints it with its time. What it returns is the
   * step's result; `tell` adds what is worth knowing of it to the line. A step that throws ends the story.
   */
  step<T>(
    who: string,
    what: string,
    action: (signal: AbortSignal) => Promise<T>,
    more?: StepOptions<T>,
  ): Promise<T>;
  /** A line that is no step: a link, a hint. */
  note(line: string): void;
  /** Put back what the story changed; runs last in, first out, also after a step that failed. */
  afterwards(what: string, putBack: () => Promise<unknown>): void;
}

export interface StepOptions<T> {
  tell?: (result: T) => string;
  withinMs?: number;
}
