// The last resort only: the tests wait for what n8n says, not for a time.
jest.setTimeout(20 * 60_000);
