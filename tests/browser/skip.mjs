// A test that cannot run here says so, and ctest counts it as skipped.
import { existsSync } from 'node:fs';

/** Ends the process as a skipped test when one of the files, or the screen, is missing. */
export function needs(...files) {
  const missing = files.find((file) => !file || !existsSync(file));
  const reason = missing !== undefined ? `there is no ${missing || 'such program'}`
    : !process.env.DISPLAY ? 'there is no screen: run it by xvfb-run' : '';
  if (reason === '') return;
  console.log(`SKIP: ${reason}`);
  process.exit(77);
}
