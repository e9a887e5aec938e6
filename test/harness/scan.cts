/**
 * Runs n8n's own check of community packages, the one that decides on verification, over a folder.
 * Usage: scan.cts FOLDER [source]
 */
async function main() {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = await import(
		'@n8n/scan-community-package/scanner/scanner.mjs'
	);
	const [folder = '', what] = process.argv.slice(2);
	const patterns = what === 'source' ? SOURCE_FILE_PATTERNS : undefined;
	console.log(JSON.stringify(await analyzePackage(folder, patterns)));
}

void main();
