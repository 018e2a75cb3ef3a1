// The rates of the last half minute as a small curve. Its figures stand beside it, so a screen reader is spared the curve.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { HISTORY_LENGTH, type Rates } from './traffic-history';

/** So that a few bytes of upkeep lie on the floor: bytes a second. */
const LEAST_PEAK = 1_000;
const TIMES = Array.from({ length: HISTORY_LENGTH }, (_, index) => index);

/** `peak`: of all curves that are to be compared. */
export function Sparkline({ rates, peak }: { rates: Rates; peak: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const top = useRef(LEAST_PEAK);

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
    top.current = Math.max(peak, LEAST_PEAK);
    plot.current?.setData([TIMES, [...rates]]);
  }, [rates, peak]);

  // Time runs to the right, whichever way the texts run.
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
    // The colour is asked for at each drawing: between two, the user may have chosen another scheme.
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
