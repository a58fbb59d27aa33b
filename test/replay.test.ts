import { readdirSync, readFileSync } from 'node:fs';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { WORKFLOWS_PATH } from '../worker/workflow-bundle.ts';

const DIRECTORY = new URL('./histories/', import.meta.url);

describe('recorded histories', () => {
  const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.bin'));

  it('are there', () => {
    expect(names.length).toBeGreaterThan(0);
  });

  it('replay with the workflows as they are now', async () => {
    const histories = names.map((name) => ({
      workflowId: name,
      history: proto.temporal.api.history.v1.History.decode(readFileSync(new URL(name, DIRECTORY))),
    }));
    const failures: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowsPath: WORKFLOWS_PATH }, histories)) {
      if (error) failures.push(`${workflowId}: ${error.message}`);
    }
    expect(failures).toEqual([]);
  });
});
