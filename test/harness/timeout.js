// Loading n8n's engine takes seconds on a small machine.
jest.setTimeout(60_000);
