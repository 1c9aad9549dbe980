// Reliability diagram as SVG text: how often answers were right, by the confidence they showed, and below it how many showed it.
import { renderSvg } from './render-svg.ts';

export interface ReliabilityBucket {
  /** Upper edge of the bucket, 0…1. */
  readonly upTo: number;
  readonly frames: number;
  /** Share of the bucket's answers that were right; null without frames. */
  readonly accuracy: number | null;
  /** Mean confidence in the bucket; null without frames. */
  readonly meanConfidence: number | null;
}

export interface ReliabilityChartOptions {
  readonly title: string;
  /** Of equal width, ascending. */
  readonly buckets: readonly ReliabilityBucket[];
  /** Pixels. Default 360×360. */
  readonly width?: number;
  readonly height?: number;
}

/** One self-contained `<svg>` element. Bars that end at their marker belong to an exit whose confidence can be believed. */
export function reliabilityChart({ title, buckets, width = 360, height = 360 }: ReliabilityChartOptions): string {
  const names = buckets.map(({ upTo }) => upTo.toFixed(1));
  const percent = (share: number | null) => (share === null ? '-' : 100 * share);
  // Both grids keep their sides whatever their axes say, so that bars stand above one another.
  const sides = { left: 56, right: 16, outerBoundsMode: 'none' };
  const category = { type: 'category', data: names, axisTick: { alignWithLabel: true } };
  const option = {
    title: { text: title, left: 'center', textStyle: { fontSize: 13 } },
    legend: { bottom: 0, itemGap: 20, itemWidth: 16, itemHeight: 10, data: ['right', 'confidence shown'] },
    grid: [
      { ...sides, top: 36, bottom: 150 },
      { ...sides, bottom: 66, height: 56 },
    ],
    xAxis: [
      { ...category, gridIndex: 0, axisLabel: { show: false } },
      { ...category, gridIndex: 1, name: 'confidence up to', nameLocation: 'middle', nameGap: 24 },
    ],
    yAxis: [
      { type: 'value', gridIndex: 0, min: 0, max: 100, name: '%', nameLocation: 'middle', nameGap: 30 },
      {
        type: 'value',
        gridIndex: 1,
        name: 'frames',
        nameLocation: 'middle',
        nameGap: 10,
        axisLabel: { show: false },
        splitLine: { show: false },
      },
    ],
    series: [
      {
        type: 'bar',
        name: 'right',
        barWidth: '80%',
        itemStyle: { color: '#5470c6' },
        data: buckets.map(({ accuracy }) => percent(accuracy)),
      },
      {
        type: 'scatter',
        name: 'confidence shown',
        symbol: 'rect',
        symbolSize: [24, 3],
        itemStyle: { color: '#d14a3a' },
        data: buckets.map(({ meanConfidence }) => percent(meanConfidence)),
      },
      {
        type: 'bar',
        xAxisIndex: 1,
        yAxisIndex: 1,
        barWidth: '80%',
        itemStyle: { color: '#9aa5b1' },
        label: { show: true, position: 'top', fontSize: 9, color: '#333' },
        data: buckets.map(({ frames }) => frames),
      },
    ],
  };
  return renderSvg(option, width, height);
}
