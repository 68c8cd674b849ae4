/**
 * `node draw.ts <answers.json> <picture.png> …` draws each dashboard with Grafana's components in a headless Chromium.
 * `npm run pictures` of the repository calls it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer, { type Browser } from "puppeteer-core";
import which from "which";
import { bundlePage } from "./bundle.ts";
import { answerRequest, ORIGIN } from "./requests.ts";

/** CSS pixels. A picture has twice as many. */
const WIDTH = 1400;
const SCALE = 2;

/** Components measure themselves, and draw again. */
const SETTLE_MILLISECONDS = 1000;

async function draw(
  browser: Browser,
  files: Readonly<Record<string, string>>,
  picture: string,
): Promise<Uint8Array> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => {
    answerRequest(request, files).then(
      (answered) => answered || problems.push(`there is no file for ${request.url()}`),
      (error) => problems.push(String(error)),
    );
  });
  await page.setRequestInterception(true);
  await page.emulateTimezone("UTC");
  await page.setViewport({ width: WIDTH, height: 1000, deviceScaleFactor: SCALE });
  await page.evaluateOnNewDocument(`window.picture = ${picture}`);
  await page.goto(ORIGIN);
  for (let drawn = false; !drawn && problems.length === 0; await sleep(100)) {
    drawn = await page.evaluate(() => window.drawn === true);
  }
  const element = await page.$("#picture");
  const height = (await element?.boundingBox())?.height ?? 0;
  // Tables outside of the window have no rows.
  await page.setViewport({ width: WIDTH, height: Math.ceil(height), deviceScaleFactor: SCALE });
  await page.waitForNetworkIdle();
  await sleep(SETTLE_MILLISECONDS);
  const bytes = await element?.screenshot({ type: "png" });
  if (problems.length > 0 || !bytes) throw new Error(`The page fails:\n${problems.join("\n")}`);
  await page.close();
  return bytes;
}

const [, , ...paths] = process.argv;
const files = await bundlePage();
const browser = await puppeteer.launch({
  executablePath: await which("chromium"),
  // The sandbox of Chromium needs privileges that containers do not have. The page is this repository's own.
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
  ],
});
try {
  for (let index = 0; index < paths.length; index += 2) {
    const [answers = "", picture = ""] = paths.slice(index);
    writeFileSync(picture, await draw(browser, files, readFileSync(answers, "utf8")));
  }
} finally {
  await browser.close();
}
