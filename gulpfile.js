const { dest, src } = require('gulp');

/**
 * Copies what the compiler leaves out into dist/: the icons and the codex file (`*.node.json`),
 * each beside the JavaScript that n8n loads it for.
 */
function copyIconsAndCodex() {
	return src('nodes/**/*.{svg,node.json}', { base: '.' }).pipe(dest('dist'));
}

exports.default = copyIconsAndCodex;
