/** Filters the output of the engine. */

/** Warnings that a provider is on PATH, or is older than expected. Both are intended in a sandbox. */
const HIDDEN = [
  /warning: (resource plugin \S+ is expected to have version|using pulumi-\S+ from \$PATH)/,
  /^ *pulumi:pulumi:Stack \S+ +\d+ warnings?\s*$/,
];

/**
 * Creates a filter that takes the output in pieces of any size. It writes every line except {@link HIDDEN} ones and
 * headings without a line below them.
 */
export function filterEngineOutput(write: (text: string) => void): (piece: string) => void {
  let unfinished = "";
  let section = "";
  let resource = "";
  return (piece) => {
    const lines = (unfinished + piece).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) {
      if (HIDDEN.some((hidden) => hidden.test(line))) continue;
      if (line === "Diagnostics:") section = `${line}\n`;
      else if (/^ {2}\S+ \(\S+\):$/.test(line)) resource = `${line}\n`;
      else if (line === "" && resource) resource = "";
      else {
        // A line without indentation ends the section. A heading that has not been written yet is dropped.
        write(line === "" || line.startsWith(" ") ? `${line && section + resource}${line}\n` : `${line}\n`);
        if (line !== "") section = resource = "";
      }
    }
  };
}
