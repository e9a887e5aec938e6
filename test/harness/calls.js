/**
 * Comes to pass when a method of the node has been called so many times, for the tests of what the node
 * does at a moment that no request shows. It needs `jest.restoreAllMocks()` afterwards.
 *
 * @param {any} prototype of a class of the built package
 * @param {string} method
 * @param {number} [times]
 */
async function calls(prototype, method, times = 1) {
	const real = prototype[method];
	let left = times;
	await new Promise((resolve) => {
		jest.spyOn(prototype, method).mockImplementation(function (...args) {
			// @ts-expect-error it is called as the method that it stands for
			const result = real.apply(this, args);
			if (--left === 0) resolve(undefined);
			return result;
		});
	});
}

module.exports = { calls };
