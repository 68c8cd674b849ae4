/** Increases of counters that are exported only after their first event. */

/**
 * The increase of `selector` during the last `window`, for each series that increased. `increase()` needs two samples, so
 * it does not see the event with which a series begins. Here, a series that did not exist a window ago counts with its
 * value, if its target was scraped at that time: a new Prometheus or a new target is not an event.
 *
 * @param selector a counter, without a range, e.g. `requests_total{code="500"}`
 */
export function increaseFromFirst(selector: string, window: string): string {
  const begun = `${selector} unless ${selector} offset ${window}`;
  return `increase(${selector}[${window}]) > 0 or (${begun}) and on (job, instance) up offset ${window} == 1`;
}
