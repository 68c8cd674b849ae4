/** Reports what the sandbox does. */
export interface Progress {
  /** Prints a line. */
  print(line: string): void;
  /** Runs `work`, and shows `title` with the seconds that it takes. */
  track<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/** Time between two lines about the same step if the output is not a terminal. */
const INTERVAL_SECONDS = 30;

/**
 * Creates progress for a terminal: one line for each step, updated every second. Elsewhere, such as in CI, a step
 * prints a line when it starts, one when it ends, and one every 30 seconds, so that a long build does not look hung.
 */
export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const live = out.isTTY === true;
  const clear = live ? "\r\u001b[K" : "";
  return {
    print: (line) => void out.write(`${clear}${line}\n`),
    async track(title, work) {
      const started = Date.now();
      const seconds = () => Math.round((Date.now() - started) / 1000);
      out.write(live ? `${clear}${title} …` : `${title} …\n`);
      const timer = setInterval(
        () => out.write(live ? `${clear}${title} … ${seconds()} s` : `${title} … ${seconds()} s\n`),
        live ? 1000 : INTERVAL_SECONDS * 1000,
      );
      try {
        const result = await work();
        out.write(`${clear}${title}: ${seconds()} s\n`);
        return result;
      } catch (error) {
        out.write(`${clear}${title}: failed after ${seconds()} s\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
