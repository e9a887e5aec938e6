// Runs n8n's own check of community packages, the one that decides on verification, over a folder.
// Usage: node scan.mjs FOLDER [PATTERN ...]
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

const [folder, what] = process.argv.slice(2);
const result = await analyzePackage(folder, what === 'source' ? SOURCE_FILE_PATTERNS : undefined);
console.log(JSON.stringify(result));
