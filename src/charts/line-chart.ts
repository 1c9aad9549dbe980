// Line charts as SVG text, drawn by ECharts without a browser: the same figure for reports, learning curves and studies.
import { renderSvg } from './render-svg.ts';

export interface Line {
  readonly name: string;
  /** [x, y] in the axes' units, ascending in x. */
  readonly points: readonly (readonly [number, number])[];
  /** Half the height of an error bar at each point, where there is a spread to show. */
  readonly spread?: readonly number[];
  /** Dashed: a reference, not a measurement of ours. */
  readonly isReference?: boolean;
  /** Only markers. */
  readonly isScatter?: boolean;
}

export interface LineChartOptions {
  readonly title: string;
  readonly x: { readonly name: string; readonly isLog?: boolean; readonly min?: number; readonly max?: number };
  readonly y: { readonly name: string; readonly min?: number; readonly max?: number };
  readonly lines: readonly Line[];
  /** Pixels. Default 720×440. */
  readonly width?: number;
  readonly height?: number;
}

/** One self-contained `<svg>` element. Text in it is escaped. */
export function lineChart({ title, x, y, lines, width = 720, height = 440 }: LineChartOptions): string {
  const option = {
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0, type: 'plain', itemGap: 20 },
    grid: { left: 64, right: 24, top: 44, bottom: lines.length > 6 ? 92 : 72 },
    xAxis: { type: x.isLog === true ? 'log' : 'value', ...axis(x), nameGap: 26 },
    yAxis: { type: 'value', ...axis(y), nameGap: 44, scale: y.min === undefined },
    series: lines.flatMap((line) => [seriesOf(line), ...spreadOf(line)]),
  };
  return renderSvg(option, width, height);
}

function axis({ name, min, max }: { name: string; min?: number; max?: number }) {
  return {
    name,
    nameLocation: 'middle',
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

function seriesOf({ name, points, isReference, isScatter }: Line) {
  const data = points.map((point) => [...point]);
  if (isScatter === true) return { type: 'scatter', name, data, symbolSize: 7 };
  return {
    type: 'line',
    name,
    data,
    symbolSize: isReference === true ? 0 : 6,
    ...(isReference === true ? { lineStyle: { type: 'dashed', width: 1.5 } } : {}),
  };
}

/** Error bars: one short vertical line a point, kept out of the legend. */
function spreadOf({ points, spread }: Line) {
  if (spread === undefined) return [];
  return points.map(([x, y], i) => ({
    type: 'line',
    data: [
      [x, y - (spread[i] ?? 0)],
      [x, y + (spread[i] ?? 0)],
    ],
    symbolSize: 0,
    lineStyle: { color: '#888', width: 1 },
    silent: true,
  }));
}
