/** Compresses a picture for README.md. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MAX_PICTURE_BYTES } from "./manifest.ts";

/** Text and lines need few colors. A picture has as many as its size permits. */
const COLORS = [256, 128, 64, 32];

/** From a PNG to a lossless WebP of at most {@link MAX_PICTURE_BYTES} bytes. Writes its files beside the PNG. */
export function compress(png: string): Buffer {
  const reduced = `${png}.reduced.png`;
  const picture = `${png}.webp`;
  for (const colors of COLORS) {
    execFileSync("pngquant", ["--force", "--nofs", "--speed", "1", "--output", reduced, String(colors), png]);
    execFileSync("cwebp", ["-quiet", "-lossless", "-m", "6", "-q", "90", reduced, "-o", picture]);
    const bytes = readFileSync(picture);
    if (bytes.length <= MAX_PICTURE_BYTES) return bytes;
  }
  throw new Error(`${png}: must be at most ${MAX_PICTURE_BYTES} bytes with ${COLORS.at(-1)} colors`);
}
