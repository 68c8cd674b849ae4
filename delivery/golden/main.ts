/** `npm run golden`: writes `test/golden/<stack>.yaml` for each stack. */
import { writeGoldenFiles } from "./write-golden.ts";

try {
  for (const line of await writeGoldenFiles()) console.log(line);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
