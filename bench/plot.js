const echarts = require('echarts');
const { conditionsOf, labelOf } = require('./report');

const SIZE = { width: 860, height: 420 };

/** So many points a line has at the most: more make the picture heavier, and nothing clearer. */
const POINTS = 80;

/**
 * Draws how many items have been awarded, over time: each contender's first round.
 *
 * @param {import('./report').Result} result
 * @returns {string} an SVG
 */
function plot(result) {
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

/**
 * @param {import('./report').Result} result
 * @param {string} name
 */
function timesOf({ rounds }, name) {
	return rounds[name]?.[0]?.times ?? [];
}

/**
 * @param {number[]} times in ms, in order
 * @param {number} end in ms
 * @returns {[number, number][]} seconds, and how many by then
 */
function pointsOf(times, end) {
	return Array.from({ length: POINTS + 1 }, (_, point) => {
		const at = (end * point) / POINTS;
		return [at / 1000, times.filter((time) => time <= at).length];
	});
}

module.exports = { plot };
