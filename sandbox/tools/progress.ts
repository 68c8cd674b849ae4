/** Where the sandbox tells what it does. */
export interface Progress {
  /** One line that stays. */
  say(line: string): void;
  /** Shows `title` and the seconds it takes, until `work` is done. */
  during<T>(title: string, work: () => Promise<T>): Promise<T>;
}

const heartbeatSeconds = 30;

/**
 * Progress on a terminal: a live line. Elsewhere, such as in CI: a line when something starts, one when it
 * ends, and one every 30 seconds between, so that nobody takes a long build for a hung one.
 */
export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const live = out.isTTY === true;
  const clear = live ? "\r\u001b[K" : "";
  return {
    say: (line) => void out.write(`${clear}${line}\n`),
    async during(title, work) {
      const started = Date.now();
      const seconds = () => Math.round((Date.now() - started) / 1000);
      out.write(live ? `${clear}${title} …` : `${title} …\n`);
      const timer = setInterval(
        () => out.write(live ? `${clear}${title} … ${seconds()} s` : `${title} … ${seconds()} s so far\n`),
        live ? 1000 : heartbeatSeconds * 1000,
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
