// Only what never comes to its end is to fail by this: loading n8n's engine takes seconds on a small machine,
// and everything takes many times as long on one that is busy.
jest.setTimeout(300_000);
