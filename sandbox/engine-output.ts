/** What of the engine's words a person needs. */

/** The engine warns, once a provider, that it comes from PATH and how old it is: a sandbox means it to. */
const HIDDEN = [
  /warning: (resource plugin \S+ is expected to have version|using pulumi-\S+ from \$PATH)/,
  /^ *pulumi:pulumi:Stack \S+ +\d+ warnings?\s*$/,
];

/**
 * A filter for the engine's output, to be fed pieces of it as they come. Writes every line but those
 * warnings, and no heading that would stand over nothing.
 */
export function engineOutput(write: (text: string) => void): (piece: string) => void {
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
        // A line that is not indented ends the section, and its heading with it where nothing stood under it.
        write(line === "" || line.startsWith(" ") ? `${line && section + resource}${line}\n` : `${line}\n`);
        if (line !== "") section = resource = "";
      }
    }
  };
}
