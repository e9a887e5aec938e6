import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads its settings as soon as it is loaded, and writes a file into the user's home if it finds none.
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-user-'));
process.env.N8N_ENCRYPTION_KEY = 'of no use';
process.env.N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS = 'false';
// It logs every error that stops a workflow.
process.env.N8N_LOG_LEVEL ??= 'silent';
