// Shares of a whole as stacked bars, one bar a row, as SVG text: where frames left the network, at one threshold a row.
import { renderSvg } from './render-svg.ts';

export interface ShareChartOptions {
  readonly title: string;
  /** Names of the parts, in the order of `shares`. */
  readonly parts: readonly string[];
  /** From top to bottom; shares 0…1. */
  readonly rows: readonly { readonly name: string; readonly shares: readonly number[] }[];
  /** Pixels. Default 720. */
  readonly width?: number;
}

/** A label needs room: thinner slices go without. */
const LEAST_LABELLED = 5;

/** One self-contained `<svg>` element. Text in it is escaped. */
export function shareChart({ title, parts, rows, width = 720 }: ShareChartOptions): string {
  const option = {
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0, type: 'plain', itemGap: 18, itemWidth: 16 },
    grid: { left: 112, right: 24, top: 44, bottom: 72 },
    xAxis: { type: 'value', min: 0, max: 100, name: 'share of the frames, %', nameLocation: 'middle', nameGap: 26 },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ name }) => name), axisTick: { show: false } },
    color: parts.map((_, part) => shade(place(part, parts.length))),
    series: parts.map((name, part) => ({
      type: 'bar',
      name,
      stack: 'whole',
      barWidth: 18,
      data: rows.map(({ shares }) => labelled(100 * (shares[part] ?? 0), place(part, parts.length))),
    })),
  };
  return renderSvg(option, width, 116 + 28 * rows.length);
}

/** 0…1 from the first part to the last. */
function place(part: number, parts: number): number {
  return parts === 1 ? 1 : part / (parts - 1);
}

/** Parts have an order: from light to dark blue. */
function shade(at: number): string {
  const [light, dark] = [
    [188, 215, 245],
    [16, 52, 120],
  ] as const;
  return `rgb(${light.map((from, c) => Math.round(from + at * ((dark[c] as number) - from))).join(',')})`;
}

function labelled(percent: number, at: number) {
  const color = at < 0.4 ? '#14233c' : '#fff';
  return {
    value: percent,
    label: { show: percent >= LEAST_LABELLED, formatter: percent.toFixed(0), color, fontSize: 11 },
  };
}
