const { join } = require('node:path');

/**
 * Loads one module of the built package, for the tests of what no request can bring about.
 * @param {string} path below dist/
 */
function built(path) {
	return require(join(__dirname, '../../dist', path));
}

module.exports = { built };
