// The rates of the last half minute as a small curve. Hidden from screen readers, because the figures stand beside it.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { HISTORY_LENGTH, type Rates } from './traffic-history';

/** The smallest scale, in bytes per second, so that a few bytes of keep-alive traffic stay at the bottom. */
const MIN_PEAK = 1_000;
const TIMES = Array.from({ length: HISTORY_LENGTH }, (_, index) => index);

/** `peak`: the highest rate of all curves that share the scale. */
export function Sparkline({ rates, peak }: { rates: Rates; peak: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const top = useRef(MIN_PEAK);

  useEffect(() => {
    const element = frame.current!;
    const drawn = new uPlot(
      optionsFor(element, () => top.current),
      [TIMES, []],
      element,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, []);

  useEffect(() => {
    top.current = Math.max(peak, MIN_PEAK);
    plot.current?.setData([TIMES, [...rates]]);
  }, [rates, peak]);

  // Time runs to the right, in right-to-left languages too.
  return <div ref={frame} class="sparkline" dir="ltr" aria-hidden="true" />;
}

function optionsFor(element: HTMLElement, top: () => number): uPlot.Options {
  const hidden = { show: false };
  return {
    ...sizeOf(element),
    padding: [2, 0, 1, 0],
    cursor: hidden,
    legend: hidden,
    axes: [hidden, hidden],
    scales: { x: { time: false, range: [0, HISTORY_LENGTH - 1] }, y: { range: () => [0, top()] } },
    // Functions, so that each drawing uses the current color scheme, which the user may change at any time.
    series: [{}, { stroke: () => colourOf(element), fill: () => faint(colourOf(element)), width: 1.5, points: hidden }],
  };
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

function colourOf(element: HTMLElement): string {
  return getComputedStyle(element).color;
}

function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)');
}
