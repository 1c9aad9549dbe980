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
    legend: { bottom: 0, type: 'plain' },
    grid: { left: 112, right: 24, top: 44, bottom: 72 },
    xAxis: { type: 'value', min: 0, max: 100, name: 'share of the frames, %', nameLocation: 'middle', nameGap: 26 },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ name }) => name), axisTick: { show: false } },
    series: parts.map((name, part) => ({
      type: 'bar',
      name,
      stack: 'whole',
      barWidth: 18,
      data: rows.map(({ shares }) => labelled(100 * (shares[part] ?? 0))),
    })),
  };
  return renderSvg(option, width, 116 + 28 * rows.length);
}

function labelled(percent: number) {
  return {
    value: percent,
    label: { show: percent >= LEAST_LABELLED, formatter: percent.toFixed(0), color: '#fff', fontSize: 11 },
  };
}
