const realNow = Date.now;
const realPerformanceNow = performance.now.bind(performance);

let passed = 0;

/** Lets time pass at once, on this machine and for the stand-in, until the end of the test. */
export function timePasses(ms: number) {
	passed += ms;
	jest.spyOn(Date, 'now').mockImplementation(() => realNow() + passed);
	jest.spyOn(performance, 'now').mockImplementation(() => realPerformanceNow() + passed);
}

afterEach(() => {
	passed = 0;
	jest.restoreAllMocks();
});
