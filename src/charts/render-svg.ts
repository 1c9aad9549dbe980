// Draws an ECharts option as one self-contained `<svg>` element, without a browser. Text in it is escaped by ECharts.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Told apart in print and by the colour-blind better than ECharts' own. */
const COLOURS = ['#2f6fdd', '#e07b1f', '#2a9d6f', '#8a5cc7', '#c2334d', '#5f6b7a', '#16a3b8', '#a8801c'];

/** `width` and `height` in pixels. On a white ground, so that it can be read on dark pages and on paper. */
export function renderSvg(option: object, width: number, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: '#fff', color: COLOURS, ...option });
    // Its only style rules are those of a pointer that hovers, which a figure in a document has no use for.
    return chart.renderToSVGString().replace(/<style[\s\S]*?<\/style>/g, '');
  } finally {
    chart.dispose();
  }
}
