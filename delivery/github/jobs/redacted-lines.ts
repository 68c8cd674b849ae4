/** Output of a process, without private keys, as it is written. */
import { withoutKeys } from "../../../stacks/secrets/without-keys.ts";

const KEY_BEGINS = /-----BEGIN[A-Z ]*PRIVATE KEY/;
const KEY_ENDS = /-----END[A-Z ]*PRIVATE KEY-----/;
/** Base64 at the end of a line may go on in the next line. */
const BASE64_AT_END = /[A-Za-z0-9+/=]{20,}\s*$/;

/**
 * Passes output on line by line. Lines that may be part of a key are held back until the rest of it is known, and then
 * redacted together.
 */
export class RedactedLines {
  readonly #write: (text: string) => void;
  #line = "";
  #held = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(piece: string): void {
    const lines = (this.#line + piece).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) {
      this.#held += `${line}\n`;
      if (!this.#isOpen(line)) this.#flush();
    }
  }

  /** Passes the rest on. The rest of a key whose end is missing is left out. */
  end(): void {
    this.#held += this.#line;
    this.#line = "";
    if (isUnterminated(this.#held)) {
      const begin = this.#held.search(KEY_BEGINS);
      this.#held = `${this.#held.slice(0, begin)}[a private key, and the rest of the output]\n`;
    }
    this.#flush();
  }

  #isOpen(line: string): boolean {
    return BASE64_AT_END.test(line) || isUnterminated(this.#held);
  }

  #flush(): void {
    if (this.#held !== "") this.#write(withoutKeys(this.#held));
    this.#held = "";
  }
}

function isUnterminated(text: string): boolean {
  return KEY_BEGINS.test(text) && !KEY_ENDS.test(text.slice(text.search(KEY_BEGINS)));
}
