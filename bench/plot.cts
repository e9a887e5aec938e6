import * as echarts from 'echarts';
import { conditionsOf, labelOf, type Result } from './report.cts';

const SIZE = { width: 860, height: 420 };

/** So many points a line has at the most: more make the picture heavier, and nothing clearer. */
const POINTS = 80;

/**
 * Draws how many items have been awarded, over time: each contender's first round.
 *
 * @returns an SVG
 */
export function plot(result: Result): string {
	const { contenders, shop } = result.case;
	const end = Math.max(...contenders.map((name) => timesOf(result, name).at(-1) ?? 0));
	const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		title: {
			text: 'Items awarded over time',
			subtext: `${conditionsOf(result)}; seconds after the first award, in the first round`,
			left: 'center',
		},
		legend: { bottom: 0, icon: 'roundRect' },
		grid: { left: 60, right: 30, top: 70, bottom: 90 },
		xAxis: { type: 'value', name: 'seconds', nameLocation: 'middle', nameGap: 28 },
		yAxis: { type: 'value', name: 'items awarded', max: shop.work.items },
		series: contenders.map((name, index) => ({
			name: labelOf(name),
			type: 'line',
			showSymbol: false,
			// Some lie on each other.
			lineStyle: { width: index === 0 ? 4 : 2, type: index % 2 === 0 ? 'solid' : 'dashed' },
			data: pointsOf(timesOf(result, name), end),
		})),
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}

function timesOf({ rounds }: Result, name: string) {
	return rounds[name]?.[0]?.times ?? [];
}

/**
 * @param times in ms, in order
 * @param end in ms
 * @returns seconds, and how many by then
 */
function pointsOf(times: number[], end: number): [number, number][] {
	return Array.from({ length: POINTS + 1 }, (_, point) => {
		const at = (end * point) / POINTS;
		return [at / 1000, times.filter((time) => time <= at).length];
	});
}
