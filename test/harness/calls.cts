/**
 * Comes to pass when a method of the node has been called so many times, for the tests of what the node
 * does at a moment that no request shows. It needs `jest.restoreAllMocks()` afterwards.
 *
 * @param prototype of a class of the built package
 */
export async function calls<Prototype extends object>(
	prototype: Prototype,
	method: keyof Prototype & string,
	times = 1,
) {
	const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
	const real = methods[method];
	let left = times;
	await new Promise<void>((resolve) => {
		jest.spyOn(methods, method).mockImplementation(function (this: unknown, ...args) {
			const result = real?.apply(this, args);
			if (--left === 0) resolve();
			return result;
		});
	});
}
