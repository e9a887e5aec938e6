const { dest, src } = require('gulp');

/**
 * Copies what the compiler leaves out into dist/, beside the JavaScript that n8n loads it for: the codex file
 * (`*.node.json`). The icons are there already, as `n8n-node build` copies every picture.
 */
function copyCodex() {
	return src('nodes/**/*.node.json', { base: '.' }).pipe(dest('dist'));
}

exports.default = copyCodex;
