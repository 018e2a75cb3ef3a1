// The time that the browser takes to compile and run one script, from its own trace.

/**
 * @param {import('./chromium.mjs').ChromiumBrowser} browser
 * @param {import('./browsers.mjs').Page} page
 * @param {{ url: string, script: string, count: number }} options `script`: the end of the script's URL
 * @returns {Promise<number[]>} milliseconds, one per navigation to `url`
 */
export async function traceNavigations({ cdp }, page, { url, script, count }) {
  /** @type {any[]} */
  const events = [];
  const collect = (/** @type {{ value: object[] }} */ { value }) => events.push(...value);
  cdp.on('Tracing.dataCollected', collect);
  const traceConfig = { includedCategories: ['devtools.timeline'] };
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  for (let n = 0; n < count; n++) await page.goto(url);
  const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
  await cdp.send('Tracing.end');
  await complete;
  cdp.off('Tracing.dataCollected', collect);

  const runs = events.filter(({ name, args }) => name === 'EvaluateScript' && args.data?.url.endsWith(script));
  if (runs.length !== count) throw new Error(`${script} ran ${runs.length} times in ${count} navigations`);
  return runs.map(({ dur }) => dur / 1000);
}
