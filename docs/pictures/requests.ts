/** Answers the requests of the page. Nothing is dialed: the host of the page does not exist. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HTTPRequest } from "puppeteer-core";

export const ORIGIN = "http://picture.invalid";

const packages = join(import.meta.dirname, "node_modules");

/** The addresses that Grafana's components request from a Grafana, and the same files in packages. */
const PUBLIC_FILES: readonly (readonly [address: RegExp, file: string, contentType: string])[] = [
  [/^\/public\/build\/(img\/icons\/[\w-]+\/[\w-]+\.svg)$/, "@grafana/ui/dist/public/$1", "image/svg+xml"],
  [/^\/public\/fonts\/inter\/(Inter-\w+\.woff2)$/, "inter-ui/web/$1", "font/woff2"],
  [
    /^\/public\/fonts\/roboto\/[\w-]+\.woff2$/,
    "@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2",
    "font/woff2",
  ],
];

/** Answers a request with one of the given files, or with one of a package. Returns `false` if there is none. */
export async function answerRequest(
  request: HTTPRequest,
  files: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (request.url().startsWith("data:")) {
    await request.continue();
    return true;
  }
  const { origin, pathname } = new URL(request.url());
  const found = origin === ORIGIN ? findFile(pathname, files) : undefined;
  await (found ? request.respond(found) : request.abort());
  return found !== undefined;
}

function findFile(pathname: string, files: Readonly<Record<string, string>>) {
  const body = files[pathname];
  if (body !== undefined) {
    const contentType = pathname.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8";
    return { body, contentType };
  }
  for (const [address, file, contentType] of PUBLIC_FILES) {
    if (!address.test(pathname)) continue;
    return { body: readFileSync(join(packages, pathname.replace(address, file))), contentType };
  }
  return undefined;
}
